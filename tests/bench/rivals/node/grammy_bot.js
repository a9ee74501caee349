// grammY's usual bot for high load: the runner, its session plug-in over its Redis storage.
import { Bot, session } from "grammy";
import { run, sequentialize } from "@grammyjs/runner";
import { RedisAdapter } from "@grammyjs/storage-redis";
import IORedis from "ioredis";
import { TURN, answered } from "./turn.js";

const bot = new Bot(TURN.token, { client: { apiRoot: TURN.apiUrl } });
const storage = new RedisAdapter({ instance: new IORedis(TURN.redisUrl) });
// The runner's documentation asks for this wherever there are sessions.
bot.use(sequentialize((ctx) => ctx.chat?.id.toString()));
bot.use(session({ storage, initial: () => ({ turns: 0, history: [] }) }));
bot.on("message:text", async (ctx) => {
  await ctx.reply(answered(ctx.session, ctx.message.text));
});
bot.catch(({ error }) => console.error(error));
run(bot, { runner: { fetch: { allowed_updates: ["message"] } } });
