#!lua flags=allow-oom
-- Removes buyers from the line; their next join queues at the end. Their places never count again, not even after a
-- loss of Redis: a ticket that this Redis has not seen since then is given up by its place.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slotOf, unclaimed, leaving, served, left, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3… of each buyer: name, place on its ticket (0 = none), and '' or the slot
--       that it gives back, if it is inside with that one: else nothing happens
-- Returns {'missing'} | {'lost'} (to be recovered first) | {'ok', left…}, each {'left'}
--       | {'inside', slot}: it gave its slot back, which returns once its admission is revoked | {'gone'}
--- @include "../redis/served.inc.lua"
--- @include "../redis/ends.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slotOf, unclaimed, leaving, served, left, log =
  unpack(KEYS)
--- @include "../redis/now.inc.lua"
local DAY = 86400000
local run, restoreBelow = unpack(redis.call('HMGET', sale, 'run', 'restoreBelow'))
if not run then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local function leave(buyer, claimed, only)
  local slot = redis.call('HGET', slotOf, buyer)
  if only ~= '' and only ~= slot then return { 'gone' } end
  if slot and redis.call('ZSCORE', active, slot) then
    if redis.call('ZADD', leaving, 'NX', now, slot) == 1 then
      redis.call('ZREM', unclaimed, slot)
      redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving))
    end
    redis.call('ZADD', left, now, buyer)
    return { 'inside', slot }
  end
  if only ~= '' then return { 'gone' } end
  local place = redis.call('ZSCORE', line, buyer) or redis.call('ZSCORE', absent, buyer) or redis.call('ZSCORE', returning, buyer)
    or (mayRestore(served, claimed, restoreBelow) and claimed)
  if not place then return { 'gone' } end
  redis.call('ZREM', line, buyer)
  redis.call('ZREM', absent, buyer)
  redis.call('ZREM', returning, buyer)
  redis.call('ZREM', presentUntil, buyer)
  redis.call('ZREM', keptUntil, buyer)
  redis.call('SETBIT', served, place, 1)
  redis.call('ZADD', left, now, buyer)
  redis.call('XADD', log, '*', 'kind', 'left', 'at', now, 'place', place, 'buyer', buyer)
  return { 'left' }
end

local reply = { 'ok' }
for index = 3, #ARGV, 3 do
  reply[#reply + 1] = leave(ARGV[index], tonumber(ARGV[index + 1]), ARGV[index + 2])
end
redis.call('ZREMRANGEBYSCORE', left, '-inf', now - DAY)
endWithSale(sale, { left, served, leaving, log }, now)
return reply
