-- What the scripts that put an outbox entry have in common; stands before each of them.
local cursor = 0
local function take()
  cursor = cursor + 1
  return ARGV[cursor]
end

-- Inserts the entry that the next arguments say, or replaces all of it but what is shown: id,
-- JSON, state, 1 if it has ended, the number of shown parts and these.
-- `where`: the key of the entry, of the set of pending ones and of the sorted set of ended ones.
-- `when`: now, the oldest end that is remembered, and how long Redis keeps an ended entry.
local function put_entry(where, when)
  local id, entry, state, ended = take(), take(), take(), take()
  local is_new = redis.call('EXISTS', where.entry) == 0
  redis.call('HSET', where.entry, 'entry', entry, 'state', state)
  for part = 0, tonumber(take()) - 1 do
    local shown = take()
    if is_new then redis.call('HSET', where.entry, 'shown:' .. part, shown, 'parts', part + 1) end
  end
  if ended == '1' then
    redis.call('SREM', where.pending, id)
    redis.call('ZADD', where.ended, when.now, id)
    redis.call('ZREMRANGEBYSCORE', where.ended, '-inf', '(' .. when.forget)
    redis.call('PEXPIRE', where.ended, when.keep)
    redis.call('PEXPIRE', where.entry, when.keep)
  else
    redis.call('SADD', where.pending, id)
    redis.call('ZREM', where.ended, id)
    redis.call('PERSIST', where.entry)
  end
end

