// What every rival does in a turn: it remembers the question and answers with a catalogue sentence.

/** Where the bot's world is. */
export const TURN = {
  token: process.env.BOT_TOKEN,
  apiUrl: process.env.BOT_API_URL,
  redisUrl: process.env.BOT_REDIS_URL,
};

const ANSWER = "The Halo desk lamp costs 89.00 EUR. It is in stock.";

/** As many lines as Consultant keeps of a conversation. */
const HISTORY_LINES = 20;

/** Notes a question in the session and returns the answer. */
export function answered(session, question) {
  session.turns += 1;
  session.history.push(question, ANSWER);
  session.history = session.history.slice(-HISTORY_LINES);
  return ANSWER;
}
