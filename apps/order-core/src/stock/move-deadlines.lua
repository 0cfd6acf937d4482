#!lua flags=allow-oom
-- Moves the deadlines of holds that still have one. Adds none: a hold may have been adopted or ended meanwhile.
--
-- KEYS  1 holds   (see keys.ts)
-- ARGV  1 the deadline (ms)   2 'later': it only moves later · 'any'   3… the orders (at most 500)
-- Returns 1.
for i = 3, #ARGV do
  if ARGV[2] == 'later' then
    redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[1], ARGV[i])
  else
    redis.call('ZADD', KEYS[1], 'XX', ARGV[1], ARGV[i])
  end
end
return 1
