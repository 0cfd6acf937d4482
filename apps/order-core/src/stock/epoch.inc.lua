-- Included by scripts that change the stock: reads its epoch, and ends the script with `rebuild` unless the stock was
-- loaded into this Redis, whose run_id is ARGV[1]. KEYS[1] is `meta`.
local epoch, runId = string.match(redis.call('HGET', KEYS[1], 'epoch') or '', '^(%d+):(.+)$')
if runId ~= ARGV[1] then return 'rebuild' end
