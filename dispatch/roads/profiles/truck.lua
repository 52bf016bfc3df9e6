-- A delivery truck. Its size comes from the build (dispatch.roads.build.TruckLimits) by environment, so that
-- a fleet with other trucks builds its own dataset without editing this file.

api_version = 4

local motor = require('motor')

local function limit(name, default)
  return tonumber(os.getenv('LASTMILE_TRUCK_' .. name) or '') or default
end

return motor {
  height = limit('HEIGHT_M', 3.6),
  width = limit('WIDTH_M', 2.5),
  length = limit('LENGTH_M', 8.5),
  weight = limit('WEIGHT_KG', 7500),
  top_speed = limit('TOP_SPEED_KMH', 80),
  turn_seconds = 11,
  crossing_seconds = 6,
  access_tags = { 'hgv', 'goods', 'motor_vehicle', 'vehicle', 'access' },
}
