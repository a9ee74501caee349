-- One step of a conversation, all or nothing. Returns the new version, -1 for a conflict, or
-- -1 - N where the Nth of the answered and the waiting inbounds does not wait.
-- KEYS: state, session, inbox, pending, ledger, failures, ended, timers, due, then one per outbox
-- entry.
-- ARGV: expected version, token of this call, now, the oldest end that is remembered, how long
-- ended entries are kept; the number of answered keys and these; the number of keys that must
-- wait and these; the session's change (`keep`,
-- `forget`, or `put` with JSON, end and time to keep); the number of entries and these; the number
-- of ledger events and these; the number of timer changes, each `set` with id, due time and JSON,
-- `cancel` with id, or `cancel all`. Times in milliseconds.
-- Nothing is written before the last check: Redis does not undo a script that fails.
local expected, token = take(), take()
local when = { now = take(), forget = take(), keep = take() }
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= expected then
  -- The same call once more, because its answer was lost on the way.
  if redis.call('HGET', KEYS[1], 'commit') == token then return tonumber(version) end
  return -1
end

local answered = {}
for number = 1, tonumber(take()) do
  answered[number] = take()
  if redis.call('HEXISTS', KEYS[3], answered[number]) == 0 then return -1 - number end
end
for number = 1, tonumber(take()) do
  if redis.call('HEXISTS', KEYS[3], take()) == 0 then return -1 - #answered - number end
end
for _, key in ipairs(answered) do
  redis.call('HDEL', KEYS[3], key)
  redis.call('HDEL', KEYS[6], key)
end

local change = take()
if change == 'put' then
  redis.call('HSET', KEYS[2], 'body', take(), 'expires_at', take())
  redis.call('PEXPIRE', KEYS[2], take())
elseif change == 'forget' then
  redis.call('DEL', KEYS[2])
end

for number = 1, tonumber(take()) do
  put_entry({ entry = KEYS[9 + number], pending = KEYS[4], ended = KEYS[7] }, when)
end

for _ = 1, tonumber(take()) do redis.call('RPUSH', KEYS[5], take()) end

for _ = 1, tonumber(take()) do
  local what = take()
  if what == 'set' then
    local id, due, timer = take(), take(), take()
    redis.call('HSET', KEYS[8], id, timer)
    redis.call('ZADD', KEYS[9], due, id)
  elseif what == 'cancel' then
    local id = take()
    redis.call('HDEL', KEYS[8], id)
    redis.call('ZREM', KEYS[9], id)
  else
    redis.call('DEL', KEYS[8], KEYS[9])
  end
end

redis.call('HSET', KEYS[1], 'commit', token)
return redis.call('HINCRBY', KEYS[1], 'version', 1)
