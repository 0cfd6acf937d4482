-- Included by admit.lua. Measures what the line guarantees while present buyers wait and slots are free: how far
-- admissions deviate from the rate over ten seconds, and how long nobody was admitted although somebody was due. At a
-- slow rate it measures until a dozen buyers were due: one more or less says nothing before. The deviation is of the
-- present for three such windows. `ages` (time → the counter then, by place) tells when a place was drawn.
local FAIRNESS_FIELDS = { 'fairMs', 'fairAdmitted', 'fairRate', 'stalledMs', 'longestStallMs', 'agedAt' }
local FAIRNESS = { WINDOW = 10000, DUE_MIN = 12, WINDOWS = 3, AGE_EVERY = 1000, AGE_EVERY_LATER = 60000, AGES_FINE = 2048, AGES_MAX = 4096 }

-- elapsed: ms since the last tick; change: function(field, value) for each difference.
local function measureFairness(h, tick, change)
  local function number(field) return tonumber(h[field]) or 0 end
  local function set(field, value) if number(field) ~= value then change(field, value) end end
  if not tick.hasDemand then
    for _, field in ipairs({ 'fairMs', 'fairAdmitted', 'fairRate', 'stalledMs' }) do set(field, 0) end
    return
  end
  local ms, admitted = number('fairMs') + tick.elapsed, number('fairAdmitted') + tick.admitted
  -- What was admitted at another rate is not measured by this one.
  if h.fairRate ~= h.rate then
    ms, admitted = 0, 0
    change('fairRate', h.rate)
  end
  local window = math.max(FAIRNESS.WINDOW, FAIRNESS.DUE_MIN * 1000 / tick.rate)
  if ms >= window then
    change('rateError', string.format('%.4f', admitted / (tick.rate * ms / 1000) - 1))
    change('rateErrorUntil', tick.now + FAIRNESS.WINDOWS * window)
    ms, admitted = 0, 0
  end
  set('fairMs', ms)
  set('fairAdmitted', admitted)
  -- Between two admissions at a slow rate nobody is due.
  local stalled = number('stalledMs') + tick.elapsed
  set('longestStallMs', math.max(number('longestStallMs'), math.floor(stalled - 1000 / tick.rate)))
  set('stalledMs', tick.admitted > 0 and 0 or stalled)
end

-- Records how many places were drawn by now, and forgets entries before the head of the line.
local function recordAges(ages, line, counter, now, agedAt, change)
  if now >= agedAt and now - agedAt < FAIRNESS.AGE_EVERY then return end
  local head = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')[2]
  if head then redis.call('ZREMRANGEBYSCORE', ages, '-inf', '(' .. head) end
  local count = redis.call('ZCARD', ages)
  local every = count < FAIRNESS.AGES_FINE and FAIRNESS.AGE_EVERY or FAIRNESS.AGE_EVERY_LATER
  if count >= FAIRNESS.AGES_MAX or (now >= agedAt and now - agedAt < every) then return end
  redis.call('ZADD', ages, counter, now)
  change('agedAt', now)
end
