"""aiogram's usual bot: long polling, which handles updates concurrently, and its Redis storage."""

import asyncio

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import Message

from turn import API_URL, REDIS_URL, TOKEN, answered

# By default 100 connections, and an error for whoever comes after them.
MANY = {"max_connections": 1000}

dispatcher = Dispatcher(storage=RedisStorage.from_url(REDIS_URL, connection_kwargs=MANY))


@dispatcher.message(F.text)
async def turn(message: Message, state: FSMContext) -> None:
    session = await state.get_data()
    reply = answered(session, message.text)
    await message.answer(reply)
    await state.set_data(session)


async def main() -> None:
    server = TelegramAPIServer.from_base(API_URL)
    bot = Bot(TOKEN, session=AiohttpSession(api=server))
    await dispatcher.start_polling(bot, allowed_updates=["message"], handle_signals=False)


asyncio.run(main())
