"""The one way into a chat export."""

from __future__ import annotations

from typing import Final

from graphs.market.formats import discord, qq_mht, telegram, text_log, wechat_csv
from graphs.market.message import Entry
from graphs.registry import Format, Registry

CHATS: Final[Registry[Entry]] = Registry(
    "chat export",
    (
        Format("qq-mht", qq_mht.recognises, qq_mht.read),
        Format("telegram", telegram.recognises, telegram.read),
        Format("discord", discord.recognises, discord.read),
        Format("wechat-csv", wechat_csv.recognises, wechat_csv.read),
        Format("text", text_log.recognises, text_log.read),
    ),
)
