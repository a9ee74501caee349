// Telegraf's usual bot: long polling, its session middleware over its Redis store.
import { Telegraf, session } from "telegraf";
import { Redis } from "@telegraf/session/redis";
import { TURN, answered } from "./turn.js";

const bot = new Telegraf(TURN.token, { telegram: { apiRoot: TURN.apiUrl } });
const store = Redis({ url: TURN.redisUrl });
bot.use(session({ store, defaultSession: () => ({ turns: 0, history: [] }) }));
bot.on("text", async (ctx) => {
  await ctx.reply(answered(ctx.session, ctx.message.text));
});
bot.catch((error) => console.error(error));
bot.launch({ allowedUpdates: ["message"] });
