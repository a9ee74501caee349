// A small shop bot on grammY, written as its documentation has it. It serves until its standard
// input ends. The bot in aiogram_bot.py says the same, so that both pass the same tests.

const { autoRetry } = require("@grammyjs/auto-retry");
const { Bot, InlineKeyboard, InputFile } = require("grammy");

const { API_URL, BOT_TOKEN } = process.env;

const bot = new Bot(BOT_TOKEN, { client: { apiRoot: API_URL } });
bot.api.config.use(autoRetry());

const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// The customer's own words in bold, marked by an entity.
const echo = (ctx, before, text) =>
  ctx.reply(before + text, {
    entities: [{ type: "bold", offset: before.length, length: text.length }],
    reply_parameters: { message_id: ctx.msg.message_id },
  });

bot.command("start", (ctx) =>
  ctx.reply(`Welcome, <b>${escaped(ctx.from.first_name)}</b>!`, { parse_mode: "HTML" }),
);

bot.command("lamps", (ctx) =>
  ctx.reply("Which lamp?", {
    reply_markup: new InlineKeyboard().text("Oak", "lamp:oak").text("Pine", "lamp:pine"),
  }),
);

bot.callbackQuery(/^lamp:(.*)$/, async (ctx) => {
  await ctx.answerCallbackQuery({ text: "Noted" });
  await ctx.editMessageText(`You chose ${ctx.match[1]}.`);
});

bot.command("count", async (ctx) => {
  const { chat, message_id } = await ctx.reply("1");
  await ctx.api.editMessageText(chat.id, message_id, "2");
  await ctx.api.editMessageText(chat.id, message_id, "3");
});

bot.command("order", (ctx) =>
  ctx.replyWithDocument(new InputFile(Buffer.from("one lamp, 橡木"), "order.txt"), {
    caption: "Your <i>order</i>",
    parse_mode: "HTML",
  }),
);

bot.on("message:file", async (ctx) => {
  const file = await ctx.getFile();
  const answer = await fetch(`${API_URL}/file/bot${BOT_TOKEN}/${file.file_path}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  await ctx.reply(`${bytes.length} bytes: ${bytes}`);
});

bot.on("message:text", async (ctx) => {
  await ctx.replyWithChatAction("typing");
  await echo(ctx, "You said: ", ctx.msg.text);
});

bot.on("edited_message:text", (ctx) => echo(ctx, "Now you say: ", ctx.msg.text));

async function main() {
  process.stdin.resume().on("end", () => bot.stop());
  await bot.api.setMyCommands([{ command: "lamps", description: "Choose a lamp" }]);
  await bot.start();
}

main();
