#!lua flags=allow-oom
-- Restores served places from the archive, during a recovery, and removes buyers with those places from the line: they
-- were admitted or left in what Redis lost. The archive holds what Redis kept of the log too. Safe to run twice.
--
-- KEYS  sale, line, presentUntil, absent, returning, keptUntil, served
-- ARGV 1 now (ms, '' = Redis time) 2 run_id 3 places in a chunk 4… of each chunk: its number, its bits (bytes, lowest
-- place first); at most 64
-- Returns 1 | 0 when the sale is unknown or was recovered meanwhile
--- @include "../redis/ends.inc.lua"
local sale, line, presentUntil, absent, returning, keptUntil, served = unpack(KEYS)
--- @include "../redis/now.inc.lua"
local run, size = redis.call('HGET', sale, 'run'), tonumber(ARGV[3])
if not run or run == ARGV[2] then return 0 end
for index = 4, #ARGV, 2 do
  local first = tonumber(ARGV[index]) * size
  redis.call('SETRANGE', served, first / 8, ARGV[index + 1])
  for _, queue in ipairs({ line, absent, returning }) do
    local members = redis.call('ZRANGEBYSCORE', queue, first, first + size - 1, 'WITHSCORES')
    for member = 1, #members, 2 do
      if redis.call('GETBIT', served, members[member + 1]) == 1 then
        redis.call('ZREM', queue, members[member])
        redis.call('ZREM', presentUntil, members[member])
        redis.call('ZREM', keptUntil, members[member])
      end
    end
  end
end
endWithSale(sale, { served }, now)
return 1
