-- Moves an inbound from the inbox to the dead letters, and what the customer is told into the
-- outbox. Returns 1, or 0 where it does not wait.
-- KEYS: inbox, failures, buried, pending, ended, entry.
-- ARGV: key, token of this call, reason as JSON, now, the oldest end that is remembered, how long
-- ended entries are kept, and the entry. Times in milliseconds.
-- A dead letter is three lines: `failures time token`, the reason, and what stood in the inbox.
local key, token, reason = take(), take(), take()
local when = { now = take(), forget = take(), keep = take() }
local held = redis.call('HGET', KEYS[1], key)
if not held then
  -- The same call once more, because its answer was lost on the way.
  local buried = redis.call('HGET', KEYS[3], key)
  if buried and string.match(buried, '^%d+ %d+ (%S+)\n') == token then return 1 end
  return 0
end
local failures = string.match(redis.call('HGET', KEYS[2], key) or '0 -', '^(%d+) ')
local head = table.concat({ failures, when.now, token }, ' ')
redis.call('HSET', KEYS[3], key, table.concat({ head, reason, held }, '\n'))
redis.call('HDEL', KEYS[1], key)
redis.call('HDEL', KEYS[2], key)
put_entry({ entry = KEYS[6], pending = KEYS[4], ended = KEYS[5] }, when)
return 1
