-- Included by scripts that handle buyers who were set aside: `absent` (buyer → place) until they return or `keptUntil`
-- (buyer → ms) has passed, then `returning`. Returners go ahead of the line, but while the line has waiting buyers they
-- get at most every third admission: each admission from the line earns half a one for them.
local CREDIT_MAX, LINE_EARNS, IDLE_EARNS, SWEPT_MAX, SOON = 1, 0.5, 0.3, 500, 15000

-- Returns how many of `wanted` admissions may go to returners.
local function returnersAllowed(credit, wanted)
  return math.min(wanted, math.max(0, math.floor((credit + LINE_EARNS * wanted) / (1 + LINE_EARNS) + 1e-6)))
end

-- idle: admissions that the rate allowed and the line did not use, because it waits for a young place.
local function creditAfter(credit, spent)
  return math.min(CREDIT_MAX, credit - spent.returned + LINE_EARNS * spent.fromLine + IDLE_EARNS * spent.idle)
end

-- Returns how many returners go before the buyer at this rank (0-based) of the line.
local function returnersBefore(rank, returners)
  return math.min(returners, math.ceil(LINE_EARNS * (rank + 1)))
end

-- Returns how many of the line go before the returner at this rank (0-based).
local function lineBefore(rank, waiting)
  return math.min(waiting, math.floor(rank / LINE_EARNS))
end

-- Gives up the places of buyers who did not return in time.
--   keys: sale, away, back, keptUntil, served, left, log; set: buyer, place, buyer, place, …
local function forfeit(keys, set, now)
  local sale, served, left, log = keys[1], keys[5], keys[6], keys[7]
  local places = {}
  for index = 1, #set, 2 do
    places[#places + 1] = set[index + 1]
    redis.call('SETBIT', served, set[index + 1], 1)
    redis.call('ZADD', left, now, set[index])
  end
  redis.call('HINCRBY', sale, 'forfeited', #places)
  redis.call('XADD', log, '*', 'kind', 'forfeited', 'at', now, 'count', #places, 'places', table.concat(places, ' '))
end

local function sweepAbsent(keys, now)
  local absent, keptUntil = keys[2], keys[4]
  local late = redis.call('ZRANGEBYSCORE', keptUntil, '-inf', now, 'LIMIT', 0, SWEPT_MAX)
  if #late == 0 then return end
  local set = {}
  for index, place in ipairs(redis.call('ZMSCORE', absent, unpack(late))) do
    if place then set[#set + 1], set[#set + 2] = late[index], place end
  end
  redis.call('ZREM', keptUntil, unpack(late))
  redis.call('ZREM', absent, unpack(late))
  if #set > 0 then forfeit(keys, set, now) end
end

-- Puts a set-aside buyer ahead of the line again and returns its place; nil when it was not set aside, or too long ago.
local function takeBack(keys, buyer, now)
  local sale, absent, returning, keptUntil = unpack(keys)
  local place = redis.call('ZSCORE', absent, buyer)
  if not place then return nil end
  redis.call('ZREM', absent, buyer)
  local untilMs = tonumber(redis.call('ZSCORE', keptUntil, buyer)) or 0
  if untilMs <= now then
    redis.call('ZREM', keptUntil, buyer)
    forfeit(keys, { buyer, place }, now)
    return nil
  end
  redis.call('ZADD', returning, place, buyer)
  local returnMs, highest, oldReturnUntil = unpack(redis.call('HMGET', sale, 'returnMs', 'highest', 'oldReturnUntil'))
  if untilMs > (tonumber(oldReturnUntil) or 0) and now - (untilMs - (tonumber(returnMs) or 0)) <= SOON then
    redis.call('HINCRBY', sale, 'returnedSoon', 1)
    if (tonumber(highest) or 0) > tonumber(place) then redis.call('HINCRBY', sale, 'inversions', 1) end
  end
  return place
end
