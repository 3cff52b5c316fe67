"""The commands: one thin file for each, `main` in front of them, `show` behind them."""
