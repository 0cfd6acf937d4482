#!lua flags=allow-oom
-- Returns slots, each once, however often or late the message arrives. A slot past its deadline returns by itself. A
-- buyer who did not claim its slot in time is set aside: its place is kept like that of any absent buyer. A returner
-- had that chance already (its slot's name ends with r): its place is gone.
--
-- A slot that was given back stays while an order holds it: it ends with the order. A slot whose buyer was
-- reported to be done ends as finished, whatever returns it.
--
-- KEYS  sale, absent, keptUntil, active, slots, slotOf, unclaimed, ended, served, held, leaving, finishing, shown, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 reason: 'finished' | 'expired' | 'left' | 'unclaimed'
--       4 latest deadline of a slot that is past it (ms, '' = now)
--       5… slots; none: at most 500 of those past their deadline, or past the deadline of their claim
-- Returns {'missing'} | {'lost'} (to be recovered first: a recovery may restore the slot) | {'ok', slot, …}: those that
-- this call
-- returned. An unknown slot is remembered as ended and changes nothing else.
--- @include "../redis/ends.inc.lua"
local sale, absent, keptUntil, active, slots, slotOf, unclaimed, ended, served, held, leaving, finishing, shown, log =
  unpack(KEYS)
--- @include "../redis/now.inc.lua"
local reason = ARGV[3]
local HOUR, BATCH = 3600000, 500
local run, returnMs = unpack(redis.call('HMGET', sale, 'run', 'returnMs'))
if not run then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local wanted = {}
for index = 5, #ARGV do wanted[#wanted + 1] = ARGV[index] end
if #wanted == 0 then
  wanted = redis.call('ZRANGEBYSCORE', reason == 'unclaimed' and unclaimed or active, '-inf',
    math.min(now, tonumber(ARGV[4]) or now), 'LIMIT', 0, BATCH)
end

local function isHeld(slot)
  return (tonumber(string.match(redis.call('HGET', held, slot) or '', '^%S+ %d+ (%d+)')) or 0) > now
end

local reply = { 'ok' }
local function giveBack(slot)
  redis.call('ZADD', ended, 'NX', now, slot)
  redis.call('ZREM', unclaimed, slot)
  local isFinished = redis.call('SREM', finishing, slot) == 1
  if redis.call('ZREM', leaving, slot) == 1 then redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving)) end
  if redis.call('ZREM', active, slot) == 1 then
    redis.call('HDEL', held, slot)
    local entry = redis.call('HGET', slots, slot) or '- 0 0 0 -'
    local buyer, place, admittedAt = string.match(entry, '^(%S+) (%S+) (%S+)')
    local ending = reason == 'unclaimed' and string.sub(slot, -1) == 'r' and 'expired'
      or isFinished and 'finished' or reason
    redis.call('HSET', slots, slot, entry .. ' ' .. ending)
    redis.call('HINCRBY', sale, 'returned', 1)
    redis.call('XADD', log, '*', 'kind', 'returned', 'at', now, 'place', place, 'slot', slot, 'buyer', buyer, 'reason', ending)
    if ending == 'unclaimed' and redis.call('HGET', slotOf, buyer) == slot then
      redis.call('HDEL', slotOf, buyer)
      redis.call('HINCRBY', sale, 'unclaimed', 1)
      redis.call('SETBIT', served, place, 0)
      redis.call('ZADD', absent, place, buyer)
      redis.call('ZADD', keptUntil, tonumber(admittedAt) + (tonumber(returnMs) or 0), buyer)
    end
    reply[#reply + 1] = slot
  end
end
for _, slot in ipairs(wanted) do
  if reason ~= 'left' or not isHeld(slot) then giveBack(slot) end
end

for _, slot in ipairs(redis.call('ZRANGEBYSCORE', ended, '-inf', now - HOUR, 'LIMIT', 0, BATCH)) do
  local entry = redis.call('HGET', slots, slot)
  local buyer = entry and string.match(entry, '^(%S+)')
  if buyer and redis.call('HGET', slotOf, buyer) == slot then redis.call('HDEL', slotOf, buyer) end
  local of = ':' .. slot
  for idToken in string.gmatch(redis.call('HGET', shown, of) or '', '%S+') do
    if redis.call('HGET', shown, idToken) == slot then redis.call('HDEL', shown, idToken) end
  end
  redis.call('HDEL', shown, of)
  redis.call('HDEL', slots, slot)
  redis.call('ZREM', ended, slot)
end
endWithSale(sale, { ended, served, absent, keptUntil, log }, now)
return reply
