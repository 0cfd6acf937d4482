-- The tick: earns tokens, checks free slots, and admits that many present buyers from the head of the line. Any number
-- of processes may run it at any time; the rate is the sale's. Tokens count in thousandths and are earned in steps of
-- 100 ms of Redis time, so that neither lateness nor the number of processes affects the rate.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, unclaimed, served, left, log, consumed, ages
-- ARGV  1 now (ms, '' = Redis time)   2 run_id   3 random text, new at every call (part of the slots' names)
--       4 kid the admissions are signed with   5 'nobody': admits nobody, and does everything else (admit-nobody.lua)
--       6 share of the rate at which it admits now ('': all of it)
-- Returns {'missing'} | {'lost'} | {'ok', now, state, due act or '', slots past their deadline, slots not claimed in time,
--         set aside, returned within an interval since the last tick, inversions since the last tick,
--         waiting, slots in use, when the schedule acts next (ms; 0: never), newest log id, highest place,
--         slots given back whose admission is not revoked yet,
--         slot, buyer, place, slot, buyer, place, …}
-- Where nobody waits and nothing changed, only `stamp` is written, once a minute (it reveals a clock that was set back):
-- an old stamp earns at most a second of rate, and an idle line keeps one token or 100 ms worth of it.
--- @include "../redis/window.inc.lua"
--- @include "../redis/returners.inc.lua"
--- @include "./clock.inc.lua"
--- @include "./fairness.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, active, slots, slotOf, unclaimed, served, left, log, consumed, ages =
  unpack(KEYS)
--- @include "../redis/now.inc.lua"
local STEP, SECOND, REST, LOOKED_MAX = 100, 1000, 60000, 2000
local fields = { 'state', 'run', 'rate', 'maxActive', 'ttlMs', 'claimMs', 'returnMs', 'opensAt', 'closesAt', 'due', 'tokens',
  'stamp', 'judgeFrom', 'silentFrom', 'vouch', 'demand', 'recent', 'recoveringUntil', 'recoveryMs', 'counter', 'loggedCounter', 'edges', 'sampledTo', 'presentShare',
  'judgedAt', 'credit', 'highest', 'returnedSoon', 'returnedSoonCounted', 'leaving', 'inversions', 'inversionsCounted' }
for _, field in ipairs(FAIRNESS_FIELDS) do fields[#fields + 1] = field end
local read, h = redis.call('HMGET', sale, unpack(fields)), {}
for index, field in ipairs(fields) do h[field] = read[index] end
local function number(field) return tonumber(h[field]) or 0 end
if not h.state then return { 'missing' } end
if h.run ~= ARGV[2] then return { 'lost' } end

if number('stamp') > now + CLOCK.BACK then
  local keys = { sale = sale, presentUntil = presentUntil, keptUntil = keptUntil, active = active, slots = slots, unclaimed = unclaimed }
  h.recoveringUntil = shortenDeadlines(keys, now, h)
  h.judgeFrom, h.silentFrom = now + WINDOW.MATURE, 0
  redis.call('HSET', sale, 'judgeFrom', h.judgeFrom, 'silentFrom', 0)
end
-- Not every process has confirmed in time: what was lost stays unknown.
if h.vouch and now >= number('recoveringUntil') then redis.call('HDEL', sale, 'vouch') end

-- The schedule acts here, and the process that sees `due` records it.
local state, due = h.state, h.due or ''
if state ~= 'closed' and number('closesAt') > 0 and number('closesAt') <= now then
  state, due = 'closed', 'close'
elseif state == 'scheduled' and number('opensAt') > 0 and number('opensAt') <= now then
  state, due = 'open', 'open'
  redis.call('HSET', sale, 'openedAt', now)
end
if state ~= h.state then redis.call('HSET', sale, 'state', state, 'due', due) end
local changes = {}
local function change(field, value) changes[#changes + 1], changes[#changes + 2] = field, value end
if number('counter') > number('loggedCounter') then
  redis.call('XADD', log, '*', 'kind', 'joined', 'at', now, 'place', h.counter, 'count', number('counter') - number('loggedCounter'))
  redis.call('HSET', sale, 'loggedCounter', h.counter)
  recordAges(ages, line, h.counter, now, number('agedAt'), change)
end

local share = tonumber(ARGV[6]) or 1
if share ~= 1 then h.rate = string.format('%.6g', number('rate') * share) end
local rate, step, stamp = tonumber(h.rate), now - now % STEP, number('stamp')
local queued = redis.call('ZCARD', line) + redis.call('ZCARD', returning)
local atRest = queued == 0 and h.demand ~= '1' and stamp <= now and now - stamp < REST
local silence = stamp > 0 and now - stamp or 0
-- All waiting buyers joined after the last tick: the sale was at rest, and a sale at rest writes no stamp.
if number('counter') - number('loggedCounter') >= queued then silence = 0 end
local edges = readEdges(h.edges, now, silence)
if silence > WINDOW.SILENT then
  if now >= number('judgeFrom') then
    h.silentFrom = stamp
    change('silentFrom', stamp)
  end
  h.judgeFrom = math.max(number('judgeFrom'), judgeFrom(now, silence))
  change('judgeFrom', h.judgeFrom)
end
if state == 'open' or state == 'paused' then
  for field, value in pairs(advanceWindow(line, presentUntil, now, edges, rate, h)) do change(field, value) end
  if edges.changed and queued > 0 then
    change('edges', edgesText(edges))
    change('edge', edges.places[#edges.places])
  end
  sweepAbsent({ sale, absent, returning, keptUntil, served, left, log }, now)
end

local answer = { 'ok', now, state, due, redis.call('ZCOUNT', active, '-inf', now),
  now < number('judgeFrom') and 0 or redis.call('ZCOUNT', unclaimed, '-inf', now), 0,
  number('returnedSoon') - number('returnedSoonCounted'), number('inversions') - number('inversionsCounted'), 0, 0, 0, '0-0', 0, 0 }
local function finished()
  answer[10] = redis.call('ZCARD', line) + redis.call('ZCARD', returning)
  answer[11] = redis.call('ZCARD', active)
  for _, at in ipairs({ state == 'scheduled' and number('opensAt') or 0, state ~= 'closed' and number('closesAt') or 0 }) do
    if at > 0 and (answer[12] == 0 or at < answer[12]) then answer[12] = at end
  end
  local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  if newest then answer[13] = newest[1] end
  answer[14] = number('counter')
  answer[15] = number('leaving')
  return answer
end
if answer[8] > 0 then change('returnedSoonCounted', h.returnedSoon) end
if answer[9] > 0 then change('inversionsCounted', h.inversions) end
if state ~= 'open' or now < number('recoveringUntil') then
  if not atRest or #changes > 0 or number('tokens') > 0 then
    redis.call('HSET', sale, 'stamp', step, 'tokens', 0, 'demand', 0, unpack(changes))
  end
  return finished()
end

-- Tokens. A stamp in the future is reset. With demand, one second of rate is kept, besides the partly earned token;
-- without, idling saves nothing.
local elapsed = math.max(0, math.min(step - stamp, SECOND))
local earned = number('tokens') + elapsed * rate
local kept = h.demand == '1' and (rate + 1) * SECOND or math.max(SECOND, STEP * rate)
local tokens = math.min(earned, kept)
-- Spending limit: at most 1.15 × the rate in any full second (or one token above a low rate).
local recent, spent = {}, 0
for at, count in string.gmatch(h.recent or '', '(%d+) (%d+)') do
  if tonumber(at) >= now - SECOND and tonumber(at) <= now then
    recent[#recent + 1] = at .. ' ' .. count
    spent = spent + tonumber(count)
  end
end
local free = number('maxActive') - redis.call('ZCARD', active)
local most = math.floor(math.max(1.15 * rate, rate + 1) + 1e-6) - spent
local wanted = math.max(0, math.min(math.floor(tokens / SECOND + 1e-6), free, most))
if ARGV[5] == 'nobody' then wanted = 0 end
local aside, looked, highest, inversions = 0, 0, number('highest'), number('inversions')
local isYoung, silentFrom = now < number('judgeFrom'), number('silentFrom')
local matureEdge = edgeAt(edges, now - WINDOW.MATURE)
local deadline = now + tonumber(h.ttlMs)
local function append(list, first, second) list[#list + 1], list[#list + 2] = first, second end

-- Admits up to `count` present buyers from the head of a queue; sets absent ones aside. Only mature places of the line
-- are judged: at a younger one without a report, the line waits. Reads as many buyers as are wanted, then doubles, and
-- writes all of them in a few calls (2026-11, 470 absent buyers: 1.4 ms instead of 2.1 ms).
local function admitFrom(queue, count)
  local admitted, waits = 0, false
  while admitted < count and looked < LOOKED_MAX and not waits do
    local portion = math.min(math.max(count - admitted, looked), LOOKED_MAX - looked, 1000)
    local head = redis.call('ZRANGE', queue, 0, portion - 1, 'WITHSCORES')
    if #head == 0 then break end
    local buyers, gone, passedOver, untils, deadlines, claims, entries, newest, entered = {}, {}, {}, {}, {}, {}, {}, {}, {}
    for index = 1, #head, 2 do buyers[#buyers + 1] = head[index] end
    local untilTimes = redis.call('ZMSCORE', presentUntil, unpack(buyers))
    for index, buyer in ipairs(buyers) do
      if admitted == count then break end
      local place = head[2 * index]
      local untilMs = tonumber(untilTimes[index]) or 0
      if untilMs >= now then
        -- Marks the slot of a returner: without a claim its place is gone, or absence could last for ever.
        local slot = ARGV[3] .. '-' .. place .. (queue == returning and 'r' or '')
        append(deadlines, deadline, slot)
        append(claims, now + number('claimMs'), slot)
        append(entries, slot, table.concat({ buyer, place, now, deadline, ARGV[4] }, ' '))
        append(newest, buyer, slot)
        entered[#entered + 1] = buyer
        redis.call('XADD', log, '*', 'kind', 'admitted', 'at', now, 'place', place, 'slot', slot, 'buyer', buyer,
          'deadline', deadline, 'kid', ARGV[4])
        redis.call('SETBIT', served, place, 1)
        admitted = admitted + 1
        if queue == line and tonumber(place) < highest then inversions = inversions + 1 end
        if queue == line then highest = math.max(highest, tonumber(place)) end
        answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = slot, buyer, place
      elseif isYoung and untilMs >= silentFrom then
        -- Its presence lapsed during a silence, in which it could not report.
        waits = true
        break
      elseif queue == returning or tonumber(place) <= matureEdge then
        append(passedOver, place, buyer)
        -- From `back` only as long as first granted: that deadline stays (NX), or has passed.
        append(untils, queue == returning and now or now + number('returnMs'), buyer)
        aside = aside + 1
      else
        waits = true
        break
      end
      gone[#gone + 1] = buyer
    end
    if #gone > 0 then
      redis.call('ZREM', queue, unpack(gone))
      redis.call('ZREM', presentUntil, unpack(gone))
    end
    if #passedOver > 0 then
      redis.call('ZADD', absent, unpack(passedOver))
      redis.call('ZADD', keptUntil, 'NX', unpack(untils))
    end
    if #entries > 0 then
      redis.call('ZADD', active, unpack(deadlines))
      redis.call('HSET', slots, unpack(entries))
      redis.call('HSET', slotOf, unpack(newest))
      if number('claimMs') > 0 then redis.call('ZADD', unclaimed, unpack(claims)) end
      if queue == returning then redis.call('ZREM', keptUntil, unpack(entered)) end
    end
    looked = looked + #gone
  end
  return admitted
end

local waiting = redis.call('ZCARD', line)
local hasDemand = free > 0 and redis.call('ZCOUNT', presentUntil, now, '+inf') > 0
local credit = tonumber(h.credit) or CREDIT_MAX
local returned = admitFrom(returning, waiting > 0 and returnersAllowed(credit, wanted) or wanted)
local fromLine = admitFrom(line, wanted - returned)
local admitted = returned + fromLine
local idle = admitted < wanted and elapsed / SECOND * rate or 0
local newCredit = creditAfter(credit, { returned = waiting > 0 and returned or 0, fromLine = fromLine, idle = idle })
-- Ticks that a sale at rest did not record are not a stall.
local lasted = (h.demand == '1' or step - stamp <= SECOND) and math.max(0, step - stamp) or STEP
measureFairness(h, { now = now, hasDemand = hasDemand, admitted = admitted, rate = rate, elapsed = lasted }, change)
if newCredit ~= credit then change('credit', newCredit) end
if highest > number('highest') then change('highest', highest) end
if inversions > number('inversions') then change('inversions', inversions) end
answer[7] = aside
if aside > 0 then redis.call('XADD', log, '*', 'kind', 'set-aside', 'at', now, 'count', aside) end
if admitted > 0 then recent[#recent + 1] = string.format('%d %d', now, admitted) end
if looked > 0 then
  local second = math.floor(now / SECOND)
  local at, count = string.match(redis.call('HGET', consumed, second % 16) or '', '(%d+) (%d+)')
  redis.call('HSET', consumed, second % 16, string.format('%d %d', second, looked + (tonumber(at) == second and tonumber(count) or 0)))
end
if atRest and looked == 0 and #changes == 0 then return finished() end
local demand = (redis.call('ZCARD', line) + redis.call('ZCARD', returning) > 0 and free > admitted) and 1 or 0
redis.call('HSET', sale, 'tokens', tokens - admitted * SECOND, 'stamp', stamp > now and step or math.max(stamp, step),
  'demand', demand, 'recent', table.concat(recent, ' '), unpack(changes))
if admitted > 0 then redis.call('HINCRBY', sale, 'admitted', admitted) end
return finished()
