-- Puts slots back that the archive shows as open, during a recovery: `maxActive` counts them, their buyers are inside again, and
-- an order that is in its hold keeps its slot. Safe to run twice.
--
-- KEYS  sale, line, seen, away, back, keptUntil, active, slots, inside, ended, held
-- ARGV  1 now (ms, '' = Redis time)   2 run_id
--       3… of each slot: slot, "buyer place admittedMs deadlineMs kid", until (ms), "order createdMs" or ''; at most 1,000
-- Returns 1 | 0 when the sale is unknown or was recovered meanwhile
local sale, line, seen, away, back, keptUntil, active, slots, inside, ended, held = unpack(KEYS)
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local run = redis.call('HGET', sale, 'run')
if not run or run == ARGV[2] then return 0 end
for index = 3, #ARGV, 4 do
  local slot, entry, untilMs, order = ARGV[index], ARGV[index + 1], tonumber(ARGV[index + 2]), ARGV[index + 3]
  if untilMs > now and not redis.call('ZSCORE', ended, slot) then
    local buyer = string.match(entry, '^(%S+)')
    redis.call('ZADD', active, 'GT', ARGV[index + 2], slot)
    redis.call('HSET', slots, slot, entry)
    redis.call('HSET', inside, buyer, slot)
    if order ~= '' then redis.call('HSET', held, slot, order) end
    for _, queue in ipairs({ line, seen, away, back, keptUntil }) do redis.call('ZREM', queue, buyer) end
  end
end
return 1
