-- Included by scripts that admit or judge presence. The window is the front of the line, whose buyers report often
-- enough to be judged. Its edge is a place that only moves forward. A place matures 17 s after the edge has passed it,
-- longer than any poll interval (15 s), or 8 s where its interval was 5 s when it joined. See
-- docs/adr/0017-the-window.md.
local WINDOW = { SECONDS = 90, PLACES_MIN = 50, REACH = 20, REACH_PLACES_MIN = 20000, SHARE_MIN = 0.05,
  MATURE = 17000, MATURE_NEAR = 8000, WARM = 6000, REPORT_AGAIN = 5000, SILENT = 2000, JUDGE_EVERY = 500, NEAR_SECONDS = 30, SAMPLE = 100, KEEP = 20000 }

-- Returns the number of present buyers that the window should hold.
local function windowTarget(rate)
  return math.max(WINDOW.PLACES_MIN, math.ceil(WINDOW.SECONDS * rate))
end

-- Parses the edge's history. A silence, in which nobody could report, adds to the age at which places mature; after a
-- clock that was set back the whole window is young.
local function readEdges(text, now, silence)
  local edges = { times = {}, places = {} }
  for time, place in string.gmatch(text or '', '(%d+) (%d+)') do
    table.insert(edges.times, tonumber(time))
    table.insert(edges.places, tonumber(place))
  end
  local last = #edges.times
  if last > 0 and edges.times[last] > now + 1000 then
    return { times = { now }, places = { edges.places[last] }, changed = true }
  end
  for index = 1, silence > WINDOW.SILENT and last or 0 do
    edges.times[index] = edges.times[index] + silence
    edges.changed = true
  end
  return edges
end

-- Returns until when nobody is set aside whose presence lapsed in a silence (since `silentFrom`), because it could not
-- report: the length of the silence, and time for a retry.
local function judgeFrom(now, silence)
  return now + math.min(WINDOW.MATURE, silence + WINDOW.REPORT_AGAIN)
end

-- Returns the highest place the edge had passed at a time; 0 for none.
local function edgeAt(edges, time)
  for index = #edges.times, 1, -1 do
    if edges.times[index] <= time then return edges.places[index] end
  end
  return 0
end

-- Uses whole seconds, rounded up: the edge had passed the place by then. Drops entries that are no longer needed.
local function moveEdge(edges, now, place, age)
  local by = math.max(now - now % 1000 + 1000 - (age or 0), edges.times[#edges.times] or 0)
  if edges.times[#edges.times] ~= by then table.insert(edges.times, by) end
  edges.places[#edges.times] = place
  while edges.times[2] and edges.times[2] <= now - WINDOW.KEEP do
    table.remove(edges.times, 1)
    table.remove(edges.places, 1)
  end
  edges.changed = true
end

local function edgesText(edges)
  local parts = {}
  for index = 1, #edges.times do parts[index] = string.format('%.0f %.0f', edges.times[index], edges.places[index]) end
  return table.concat(parts, ' ')
end

-- Returns the share of present buyers at these ranks of the line, from a sample; nil for no ranks.
local function presentShare(line, presentUntil, now, first, last)
  local count, buyers, present = last - first + 1, {}, 0
  if count < 1 then return nil, 0 end
  local groups = count <= WINDOW.SAMPLE and 1 or 10
  local size = math.min(count, WINDOW.SAMPLE) / groups
  for group = 0, groups - 1 do
    local from = first + (groups == 1 and 0 or math.floor(group * (count - size) / (groups - 1)))
    for _, buyer in ipairs(redis.call('ZRANGE', line, from, from + size - 1)) do buyers[#buyers + 1] = buyer end
  end
  if #buyers == 0 then return nil, 0 end
  for _, untilMs in ipairs(redis.call('ZMSCORE', presentUntil, unpack(buyers))) do
    if untilMs and tonumber(untilMs) >= now then present = present + 1 end
  end
  return present / #buyers, #buyers
end

-- Moves the edge so that the window holds enough present buyers, and returns the changed fields of the sale.
--   h: the sale's fields before this tick: loggedCounter, judgeFrom, sampledTo, presentShare, judgedAt
local function advanceWindow(line, presentUntil, now, edges, rate, h)
  local waiting, edge = redis.call('ZCARD', line), edges.places[#edges.places] or 0
  local target, changes = windowTarget(rate), {}
  if waiting == 0 then return changes end
  if waiting <= target then
    local last = tonumber(redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')[2])
    -- If the edge had passed all places drawn before the last tick, these joined since: where the whole line is half a
    -- minute long, their interval was at most 5 s.
    local isNear = edge >= (tonumber(h.loggedCounter) or 0) and waiting <= WINDOW.NEAR_SECONDS * rate
    if last > edge then moveEdge(edges, now, last, isNear and WINDOW.MATURE - WINDOW.MATURE_NEAR or 0) end
    return changes
  end
  local judgedAt = tonumber(h.judgedAt) or 0
  if now >= judgedAt and now - judgedAt < WINDOW.JUDGE_EVERY or now < (tonumber(h.judgeFrom) or 0) then return changes end
  local function ranksTo(place) return redis.call('ZCOUNT', line, '-inf', place) end
  local mature, warm = edgeAt(edges, now - WINDOW.MATURE), edgeAt(edges, now - WINDOW.WARM)
  local toMature, toWarm, toEdge = ranksTo(mature), ranksTo(math.max(mature, warm)), ranksTo(edge)
  local share = tonumber(h.presentShare) or 1
  -- The share of present buyers among those that matured recently: the last hundred or so count.
  local sampledTo = tonumber(h.sampledTo) or 0
  if mature > sampledTo then
    local matured, count = presentShare(line, presentUntil, now, ranksTo(sampledTo), toMature - 1)
    if matured then share = share + (matured - share) * count / WINDOW.SAMPLE end
    changes.sampledTo, changes.presentShare = mature, share
  end
  -- Buyers who leave now show at once near the head, where they report every few seconds, and soon in the half-mature
  -- part.
  local near = presentShare(line, presentUntil, now, 0, math.min(toWarm, math.max(20, math.ceil(WINDOW.NEAR_SECONDS * rate))) - 1)
  local young, youngCount = presentShare(line, presentUntil, now, toMature, toWarm - 1)
  local expected = math.min(share, near or 1, youngCount >= 20 and 1.4 * young or 1)
  expected = math.max(expected, math.min(WINDOW.SHARE_MIN, target / WINDOW.REACH_PLACES_MIN))
  -- Nothing has matured yet in this line, so its share is unknown: it may begin with a long stretch of absent buyers.
  if toMature == 0 then target = math.max(2 * target, WINDOW.REACH_PLACES_MIN) end
  local unreported = toEdge - toWarm
  local reported = presentShare(line, presentUntil, now, toWarm, toEdge - 1) or 0
  local held = redis.call('ZCOUNT', presentUntil, now, '+inf') + math.max(0, expected - reported) * unreported
  if held < target then
    local reach = math.max(WINDOW.REACH * target, WINDOW.REACH_PLACES_MIN)
    -- Any number of places known to be absent may lie before it.
    local rank = math.min(waiting, toMature + reach, toEdge + math.ceil((target - held) / expected)) - 1
    local place = tonumber(redis.call('ZRANGE', line, rank, rank, 'WITHSCORES')[2])
    if place > edge then moveEdge(edges, now, place) end
  end
  changes.judgedAt = now
  return changes
end
