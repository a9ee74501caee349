"""python-telegram-bot's usual bot: long polling with concurrent updates. It has no plug-in for Redis,
so the session goes through the usual client."""

import json

from redis.asyncio import Redis
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from turn import API_URL, REDIS_URL, TOKEN, answered

# By default 100 connections, and an error for whoever comes after them.
redis = Redis.from_url(REDIS_URL, max_connections=1000)


async def turn(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    key = f"session:{update.effective_chat.id}"
    session = json.loads(await redis.get(key) or "{}")
    reply = answered(session, update.message.text)
    await update.message.reply_text(reply)
    await redis.set(key, json.dumps(session))


application = (
    Application.builder()
    .token(TOKEN)
    .base_url(f"{API_URL}/bot")
    .concurrent_updates(True)
    .build()
)
application.add_handler(MessageHandler(filters.TEXT, turn))
application.run_polling(allowed_updates=["message"], stop_signals=None)
