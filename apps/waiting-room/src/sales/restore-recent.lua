#!lua flags=allow-oom
-- Restores what a process did shortly before Redis was lost and neither Redis nor the archive kept: its admissions and
-- the leaves that it confirmed. For a recovered sale. Safe to run twice: a served place stays served.
--
-- A slot lasts until its admission ends, and needs no other claim: which ones were claimed is unknown. If its buyer
-- stands at a later place, it gave the slot back: the slot waits until its admission is void, and the later place
-- counts.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, ended, served, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id
--       3… of each act: buyer, place, when (ms), slot ('' = a leave), kid ('' = a leave); at most 200
-- Returns 'missing' | 'lost' (to be recovered first) | how many acts were restored
--- @include "../redis/served.inc.lua"
--- @include "../redis/ends.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, leaving, ended, served, log = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local run, ttlMs = unpack(redis.call('HMGET', sale, 'run', 'ttlMs'))
if not run then return 'missing' end
if run ~= ARGV[2] then return 'lost' end

-- Removes the buyer where it stands at this very place.
local function takeOut(buyer, place)
  for _, queue in ipairs({ line, absent, returning }) do
    if tonumber(redis.call('ZSCORE', queue, buyer)) == place then
      for _, key in ipairs({ queue, presentUntil, keptUntil }) do redis.call('ZREM', key, buyer) end
    end
  end
end

local function isPast(buyer, place)
  for _, queue in ipairs({ line, absent, returning }) do
    if (tonumber(redis.call('ZSCORE', queue, buyer)) or 0) > place then return true end
  end
  local newest = redis.call('HGET', slotOf, buyer)
  local entry = newest and redis.call('HGET', slots, newest)
  return entry and tonumber(string.match(entry, '^%S+ (%d+)')) > place
end

local function admitAgain(buyer, place, at, slot, kid)
  -- Admitted in the future by now: the clock was set back, and the slot lasts its full length.
  local deadline = string.format('%.0f', math.min(at, now) + tonumber(ttlMs))
  local entry = string.format('%s %.0f %.0f %s %s', buyer, place, at, deadline, kid)
  redis.call('HINCRBY', sale, 'admitted', 1)
  redis.call('XADD', log, '*', 'kind', 'admitted', 'at', string.format('%.0f', at), 'place', place, 'slot', slot, 'buyer', buyer,
    'deadline', deadline, 'kid', kid)
  -- News of its order came first, and found no slot to return.
  if redis.call('ZSCORE', ended, slot) then
    redis.call('HSET', slots, slot, entry .. ' finished')
    redis.call('HINCRBY', sale, 'returned', 1)
    redis.call('XADD', log, '*', 'kind', 'returned', 'at', now, 'place', place, 'slot', slot, 'buyer', buyer, 'reason', 'finished')
    return
  end
  redis.call('HSET', slots, slot, entry)
  redis.call('ZADD', active, deadline, slot)
  if isPast(buyer, place) then
    redis.call('ZADD', leaving, 'NX', now, slot)
    redis.call('HSET', sale, 'leaving', redis.call('ZCARD', leaving))
  else
    redis.call('HSET', slotOf, buyer, slot)
  end
end

local count = 0
for index = 3, #ARGV, 5 do
  local buyer, place, at, slot, kid = ARGV[index], tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2]), ARGV[index + 3], ARGV[index + 4]
  -- A known slot whose place is not served returned unclaimed.
  if not isServed(served, place) and (slot == '' or redis.call('HEXISTS', slots, slot) == 0) then
    redis.call('SETBIT', served, place, 1)
    takeOut(buyer, place)
    if slot == '' then
      redis.call('XADD', log, '*', 'kind', 'left', 'at', string.format('%.0f', at), 'place', place, 'buyer', buyer)
    else
      admitAgain(buyer, place, at, slot, kid)
    end
    count = count + 1
  end
end
endWithSale(sale, { active, slots, slotOf, leaving, served, log }, now)
return count
