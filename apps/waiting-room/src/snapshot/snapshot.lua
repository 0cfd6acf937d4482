-- Reads the data from which a process serves polls: settings, counts, marks of the line at fixed ranks, and recent
-- events.
--
-- KEYS  sale, line, absent, returning, active, log, consumed, ages
-- ARGV  1 now (ms, '' = Redis time)   2 read the log after this id ('' = from now on)   3 maximum entries of it
-- Returns {} when the sale is unknown, else {now, {field, value, …} of the sale, waiting, away, back, active,
--         consumed in the last 10 s, newest log id, {rank, place, …}, {{id, {field, value, …}}, …}, places in the
--         window,
--         when the first in line joined (ms, 0 = nobody or unknown)}
--         Ranks include the returners who go before that rank.
--- @include "../redis/returners.inc.lua"
local sale, line, absent, returning, active, log, consumed, ages = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local fields = redis.call('HGETALL', sale)
if #fields == 0 then return {} end

local waiting, returners = redis.call('ZCARD', line), redis.call('ZCARD', returning)
local marks, edge = {}, '0'
for index = 1, #fields, 2 do
  if fields[index] == 'edge' then edge = fields[index + 1] end
end
local function mark(rank, place)
  marks[#marks + 1], marks[#marks + 2] = rank + returnersBefore(rank, returners), tonumber(place)
end
for index, score in ipairs(redis.call('ZRANGE', line, 0, 200, 'WITHSCORES')) do
  if index % 2 == 0 then mark(index / 2 - 1, score) end
end
local rank = 210
while rank < waiting do
  mark(rank, redis.call('ZRANGE', line, rank, rank, 'WITHSCORES')[2])
  rank = math.ceil(rank * 1.05)
end
if waiting > 201 then mark(waiting - 1, redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')[2]) end

local consumedCount, second = 0, math.floor(now / 1000)
local paces = redis.call('HVALS', consumed)
for _, entry in ipairs(paces) do
  local at, count = string.match(entry, '(%d+) (%d+)')
  if tonumber(at) > second - 10 and tonumber(at) <= second then consumedCount = consumedCount + tonumber(count) end
end

local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
local newestId = newest[1] and newest[1][1] or '0-0'
local entries = {}
if ARGV[2] ~= '' and ARGV[2] ~= newestId then
  entries = redis.call('XRANGE', log, '(' .. ARGV[2], '+', 'COUNT', ARGV[3])
end
local oldest = 0
if marks[2] then oldest = tonumber(redis.call('ZRANGEBYSCORE', ages, marks[2], '+inf', 'LIMIT', 0, 1)[1]) or 0 end
return { now, fields, waiting, redis.call('ZCARD', absent), returners, redis.call('ZCARD', active), consumedCount, newestId, marks,
  entries, redis.call('ZCOUNT', line, '-inf', edge), oldest }
