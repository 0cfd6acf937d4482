#!lua flags=allow-oom
-- Returns the states of buyers, and records their presence and their claim of a slot. A buyer who was set aside and
-- returns in time goes ahead of the line; after a loss of Redis an unknown ticket is put back with its own place.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, unclaimed, leaving, finishing, ended, served, left, shown, log
-- ARGV  1 now (ms, '' = Redis time)   2 run_id
--       3… of each buyer: name, place on the ticket (0 = no ticket, only a cookie), present for (ms), ID token that the
--       ticket came with ('' = none): it is noted for the slot whose pass it is shown
-- Returns {'missing'} | {'lost'} | {'ok', now, state…}, each {'none'} | {'over', 'finished' | 'expired' | 'left'}
--       | {'admitted', slot, "buyer place admittedMs deadlineMs kid [extensions]"} | {'waiting', place, position}
--- @include "../redis/ends.inc.lua"
--- @include "../redis/served.inc.lua"
--- @include "../redis/returners.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, unclaimed, leaving, finishing, ended, served, left, shown, log =
  unpack(KEYS)
--- @include "../redis/now.inc.lua"

local state, run, restoreBelow, edge = unpack(redis.call('HMGET', sale, 'state', 'run', 'restoreBelow', 'edge'))
if not state then return { 'missing' } end
if run ~= ARGV[2] then return { 'lost' } end

local function noteShown(idToken, slot)
  if idToken == '' or redis.call('HGET', shown, idToken) == slot then return end
  local of = ':' .. slot
  redis.call('HSET', shown, idToken, slot, of, (redis.call('HGET', shown, of) or '') .. idToken .. ' ')
  endWithSale(sale, { shown }, now)
end

local function buyerState(buyer, claimed, untilMs, idToken)
  local slot = redis.call('HGET', slotOf, buyer)
  if slot then
    local entry = redis.call('HGET', slots, slot)
    if redis.call('ZSCORE', leaving, slot) then
      return { 'over', redis.call('SISMEMBER', finishing, slot) == 1 and 'finished' or 'left' }
    end
    if redis.call('ZSCORE', active, slot) then
      redis.call('ZREM', unclaimed, slot)
      noteShown(idToken, slot)
      return { 'admitted', slot, entry }
    end
    return { 'over', entry and string.match(entry, '(%a+)$') or 'finished' }
  end

  takeBack({ sale, absent, returning, keptUntil, served, left, log }, buyer, now)
  local rank = redis.call('ZRANK', returning, buyer)
  local place = redis.call('ZSCORE', rank and returning or line, buyer)
  if rank then
    rank = rank + lineBefore(rank, redis.call('ZCARD', line))
  else
    if not place then
      if redis.call('ZSCORE', left, buyer) then return { 'over', 'left' } end
      if claimed == 0 then return { 'none' } end
      if isServed(served, claimed) then return { 'over', 'finished' } end
      if not mayRestore(served, claimed, restoreBelow) then return { 'over', 'left' } end
      -- No buyer is put back into a closed line. If it is reopened, the next report does so.
      if state == 'closed' then return { 'waiting', claimed, redis.call('ZCOUNT', line, '-inf', claimed) + 1 } end
      redis.call('ZADD', line, 'NX', claimed, buyer)
      place = claimed
    end
    rank = redis.call('ZRANK', line, buyer)
    rank = rank + returnersBefore(rank, redis.call('ZCARD', returning))
    -- Behind the window presence is not judged, so it is not recorded.
    if tonumber(place) > (tonumber(edge) or 0) then return { 'waiting', tonumber(place), rank + 1 } end
  end
  if state ~= 'closed' then redis.call('ZADD', presentUntil, untilMs, buyer) end
  return { 'waiting', tonumber(place), rank + 1 }
end

local reply = { 'ok', now }
for index = 3, #ARGV, 4 do
  reply[#reply + 1] = buyerState(ARGV[index], tonumber(ARGV[index + 1]), now + tonumber(ARGV[index + 2]), ARGV[index + 3])
end
return reply
