// A small shop bot on discord.js, written as its guide has it. It serves until its standard input
// ends.

const {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  Partials,
  SlashCommandBuilder,
} = require("discord.js");

const { API_URL, BOT_TOKEN } = process.env;

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.DirectMessages,
    GatewayIntentBits.MessageContent,
  ],
  partials: [Partials.Channel],
  rest: { api: API_URL },
});

const lamps = new SlashCommandBuilder().setName("lamps").setDescription("Choose a lamp");

const choice = new ActionRowBuilder().addComponents(
  new ButtonBuilder().setCustomId("oak").setLabel("Oak").setStyle(ButtonStyle.Primary),
  new ButtonBuilder().setCustomId("pine").setLabel("Pine").setStyle(ButtonStyle.Secondary),
  new ButtonBuilder().setURL("https://lamps.example").setLabel("All").setStyle(ButtonStyle.Link),
);

client.once(Events.ClientReady, () => client.application.commands.set([lamps]));

async function count(message) {
  const shown = await message.channel.send("1");
  await shown.edit("2");
  await shown.edit("3");
}

async function holds(message) {
  const file = message.attachments.first();
  const bytes = await (await fetch(file.url)).arrayBuffer();
  await message.reply(`${file.name}: ${bytes.byteLength} bytes`);
}

client.on(Events.MessageCreate, async (message) => {
  const forBot = !message.guild || message.mentions.has(client.user);
  if (message.author.bot || !forBot) return;
  const text = message.content.replace(`<@${client.user.id}> `, "");
  if (text === "count") return count(message);
  if (message.attachments.size > 0) return holds(message);
  await message.channel.sendTyping();
  await message.reply(`You said: **${text}**`);
});

client.on(Events.MessageUpdate, async (_, message) => {
  if (message.author.bot) return;
  await message.reply(`Now you say: **${message.content}**`);
});

async function offer(interaction) {
  await interaction.deferReply();
  const embeds = [new EmbedBuilder().setTitle("Lamps").setDescription("Oak and pine")];
  await interaction.editReply({ content: "Which lamp?", embeds, components: [choice] });
  await interaction.followUp(`In ${interaction.locale}.`);
}

// One button is deferred first, the other one changes its message at once.
async function chosen(interaction) {
  const content = `You chose ${interaction.customId}.`;
  if (interaction.customId === "pine") return interaction.update({ content, components: [] });
  await interaction.deferUpdate();
  await interaction.editReply({ content, components: [] });
}

client.on(Events.InteractionCreate, (interaction) =>
  interaction.isChatInputCommand() ? offer(interaction) : chosen(interaction),
);

process.stdin.resume().on("end", () => client.destroy());
client.login(BOT_TOKEN);
