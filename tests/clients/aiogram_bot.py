"""A small shop bot on aiogram, written as its documentation has it.

It serves until its standard input ends. The bot in grammy.cjs says the same, so that both pass the
same tests.
"""

import asyncio
import html
import os
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramRetryAfter
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
)
from aiogram.utils.formatting import Bold, Text

dispatcher = Dispatcher()


class Patience(BaseRequestMiddleware):
    """Waits as long as the platform asks, and tries again."""

    async def __call__(self, make_request, bot, method):
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as flood:
                await asyncio.sleep(flood.retry_after)


@dispatcher.message(CommandStart())
async def start(message):
    name = html.escape(message.from_user.first_name, quote=False)
    await message.answer(f"Welcome, <b>{name}</b>!", parse_mode="HTML")


@dispatcher.message(Command("lamps"))
async def lamps(message):
    buttons = [
        InlineKeyboardButton(text="Oak", callback_data="lamp:oak"),
        InlineKeyboardButton(text="Pine", callback_data="lamp:pine"),
    ]
    keyboard = InlineKeyboardMarkup(inline_keyboard=[buttons])
    await message.answer("Which lamp?", reply_markup=keyboard)


@dispatcher.callback_query(F.data.startswith("lamp:"))
async def chosen(query):
    await query.answer("Noted")
    lamp = query.data.removeprefix("lamp:")
    await query.message.edit_text(f"You chose {lamp}.")


@dispatcher.message(Command("count"))
async def count(message):
    shown = await message.answer("1")
    shown = await shown.edit_text("2")
    await shown.edit_text("3")


@dispatcher.message(Command("order"))
async def order(message):
    file = BufferedInputFile("one lamp, 橡木".encode(), filename="order.txt")
    await message.answer_document(file, caption="Your <i>order</i>", parse_mode="HTML")


@dispatcher.message(F.photo | F.document | F.voice)
async def file(message, bot):
    sent = message.photo[-1] if message.photo else message.document or message.voice
    content = (await bot.download(sent)).read()
    await message.answer(f"{len(content)} bytes: {content.decode()}")


@dispatcher.message(F.text)
async def echo(message, bot):
    await bot.send_chat_action(message.chat.id, ChatAction.TYPING)
    await message.reply(**Text("You said: ", Bold(message.text)).as_kwargs())


@dispatcher.edited_message(F.text)
async def echo_edit(message):
    await message.reply(**Text("Now you say: ", Bold(message.text)).as_kwargs())


async def main():
    server = TelegramAPIServer.from_base(os.environ["API_URL"])
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server))
    bot.session.middleware(Patience())
    await bot.delete_webhook()
    await bot.set_my_commands([BotCommand(command="lamps", description="Choose a lamp")])
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait({polling, ended}, return_when=asyncio.FIRST_COMPLETED)
    if not polling.done():
        await dispatcher.stop_polling()
    await polling


asyncio.run(main())
