-- Included by scripts that decide whether a restarted Redis lost anything. `vouch`, a field of the sale, exists from a
-- recovery until that is decided: "run counter stamp until judge-from full-judge-from" before it.
-- Each process that was alive vouches for the highest place and the newest entry of the log it ever saw. Where Redis
-- holds all of it, nothing was lost, and admissions continue. See docs/adr/0023-nothing-was-lost.md.
local VOUCH = { KEPT = 600000, TRIMMED = 55000, ALIVE = 1500 }

local function readVouch(text)
  local run, counter, stamp, untilMs, judge, fullJudge =
    string.match(text or '', '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  if not run then return nil end
  return { run = run, counter = tonumber(counter), stamp = tonumber(stamp), untilMs = untilMs, judge = judge,
    fullJudge = fullJudge }
end

-- Older entries than the stream keeps were on the disk long before.
local function holdsEntry(log, id, aliveMs)
  if id == '0-0' then return true end
  return #redis.call('XRANGE', log, id, id) > 0 or tonumber(string.match(id, '^%d+')) <= aliveMs - VOUCH.TRIMMED
end

-- Returns 'settled' (decided before) | 'waiting' (for others) | 'whole' (admissions continue) | 'lost' (the full
-- recovery stands).
--   keys: sale, log, vouches; known: text with processes of which at least one must have vouched: a cheap check first
local function decide(keys, known)
  local sale, log, vouches = unpack(keys)
  local vouch = readVouch(redis.call('HGET', sale, 'vouch'))
  if not vouch then return 'settled' end
  for process in string.gmatch(known, '%S+') do
    if redis.call('HEXISTS', vouches, process) == 0 then return 'waiting' end
  end
  local reports, vouched, alive, hasReporter = redis.call('HGETALL', vouches), {}, {}, false
  for index = 1, #reports, 2 do
    local run, place, id, aliveMs, processes = string.match(reports[index + 1], '^(%S+) (%S+) (%S+) (%S+) (.*)$')
    if run == vouch.run then
      if tonumber(place) > vouch.counter or not holdsEntry(log, id, tonumber(aliveMs)) then
        redis.call('HDEL', sale, 'vouch')
        redis.call('UNLINK', vouches)
        return 'lost'
      end
      vouched[reports[index]] = true
      for process in string.gmatch(processes, '%S+') do alive[#alive + 1] = process end
      -- Only a process in touch until the end knows which ones were alive.
      hasReporter = hasReporter or tonumber(aliveMs) >= vouch.stamp - VOUCH.ALIVE
    end
  end
  if not hasReporter then return 'waiting' end
  for _, process in ipairs(alive) do
    if not vouched[process] then return 'waiting' end
  end
  -- Tickets may still restore places: only they tell of a process that was unknown.
  redis.call('HSET', sale, 'recoveringUntil', vouch.untilMs)
  if redis.call('HGET', sale, 'judgeFrom') == vouch.fullJudge then
    redis.call('HSET', sale, 'judgeFrom', vouch.judge, 'silentFrom', vouch.stamp)
  end
  redis.call('HDEL', sale, 'vouch')
  redis.call('UNLINK', vouches)
  return 'whole'
end
