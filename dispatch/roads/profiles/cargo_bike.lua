-- A loaded electric cargo bike, 0.9 m wide: cycleways first, streets as they come, pushed where only
-- walking is allowed, never up steps. May go against a one-way street where bicycles are let.

api_version = 4

local Set = require('lib/set')
local Sequence = require('lib/sequence')
require('lib/way_handlers')
local Measure = require('lib/measure')
local Tags = require('lib/tags')
local find_access_tag = require('lib/access').find_access_tag

local WIDTH_M = 0.9
local TOP_SPEED = 20
local PUSH_SPEED = 4
local MODE_CHANGE_S = 5

local SPEEDS = {
  cycleway = 18, primary = 17, primary_link = 15, secondary = 17, secondary_link = 15, tertiary = 17,
  tertiary_link = 15, unclassified = 17, residential = 16, road = 15, living_street = 10, service = 12,
  track = 11, path = 11,
}

-- Share of the speed that counts when the way is chosen: traffic is worth a detour
local LIKING = {
  primary = 0.65, primary_link = 0.65, secondary = 0.75, secondary_link = 0.75, tertiary = 0.9,
}

local PUSHED = Set { 'footway', 'pedestrian' }
local MAY_CYCLE = Set { 'yes', 'designated', 'permissive', 'destination', 'official' }
local OPPOSITE = Set { 'opposite', 'opposite_lane', 'opposite_track' }
local CLOSED_BARRIERS = Set { 'yes', 'wall', 'fence', 'stile', 'turnstile', 'full-height_turnstile', 'kissing_gate' }

local function setup()
  return {
    properties = {
      weight_name = 'delivery',
      max_speed_for_map_matching = 40 / 3.6,
      u_turn_penalty = 6,
      continue_straight_at_waypoint = false,
      use_turn_restrictions = true,
      traffic_signal_penalty = 8,
    },
    default_mode = mode.cycling,
    allowed_start_modes = Set { mode.cycling, mode.pushing_bike },
    turn_seconds = 3,
    access_tags_hierarchy = Sequence { 'bicycle', 'vehicle', 'access' },
    restrictions = Sequence { 'bicycle' },
    access_tag_whitelist = MAY_CYCLE,
    access_tag_blacklist = Set { 'no', 'agricultural', 'forestry', 'military', 'emergency', 'use_sidepath' },
    restricted_access_tag_list = Set {},
    restricted_highway_whitelist = Set {},
    service_access_tag_blacklist = Set {},
    construction_whitelist = Set { 'no', 'minor', 'widening' },
    avoid = Set { 'impassable', 'construction', 'proposed', 'motorroad', 'steps' },
    oneway_handling = true,
    route_speeds = { ferry = 5 },
    bridge_speeds = { movable = 5 },
    surface_speeds = {
      gravel = 9, fine_gravel = 12, unpaved = 10, compacted = 13, ground = 9, dirt = 8, earth = 8, grass = 6,
      sand = 4, mud = 3, cobblestone = 9, sett = 12, unhewn_cobblestone = 7,
    },
    tracktype_speeds = { grade3 = 9, grade4 = 7, grade5 = 5 },
    smoothness_speeds = { bad = 10, very_bad = 6, horrible = 4, very_horrible = 3, impassable = 0 },
  }
end

local function process_node(profile, node, result)
  local access = find_access_tag(node, profile.access_tags_hierarchy)
  if access then
    result.barrier = profile.access_tag_blacklist[access] or false
  else
    result.barrier = CLOSED_BARRIERS[node:get_value_by_key('barrier') or ''] or false
  end
  local opening = Measure.get_max_width(node:get_value_by_key('maxwidth:physical'))
  if opening and opening < WIDTH_M then result.barrier = true end
  if node:get_value_by_key('highway') == 'traffic_signals' then result.traffic_lights = true end
end

local function too_narrow(way)
  local width = Measure.get_max_width(way:get_value_by_key('maxwidth:physical'))
  return width ~= nil and width < WIDTH_M
end

-- Riding, pushing or no way at all.
local function ride_or_push(profile, way, result, data)
  if data.route then return end
  if too_narrow(way) then return false end
  local bicycle = way:get_value_by_key('bicycle')
  local speed = SPEEDS[data.highway]
  if PUSHED[data.highway] then speed = MAY_CYCLE[bicycle or ''] and 11 or nil end
  if bicycle == 'dismount' then speed = nil end
  if speed then
    result.forward_speed, result.backward_speed = speed, speed
  elseif PUSHED[data.highway] or (bicycle == 'dismount' and data.highway ~= 'steps') then
    result.forward_mode, result.backward_mode = mode.pushing_bike, mode.pushing_bike
    result.forward_speed, result.backward_speed = PUSH_SPEED, PUSH_SPEED
  else
    return false
  end
end

local function goes_against(way)
  if way:get_value_by_key('oneway:bicycle') == 'no' then return true end
  for _, key in ipairs({ 'cycleway', 'cycleway:left', 'cycleway:right', 'cycleway:both' }) do
    if OPPOSITE[way:get_value_by_key(key) or ''] then return true end
  end
  return way:get_value_by_key('cycleway:left:oneway') == '-1'
      or way:get_value_by_key('cycleway:right:oneway') == '-1'
end

-- Against a one-way street: ridden where bicycles are let. (Pushed along the pavement by foot, not by route.)
local function one_way(profile, way, result, data)
  if goes_against(way) or result.forward_mode == mode.pushing_bike then return end
  WayHandlers.oneway(profile, way, result, data)
end

local function limits(profile, way, result, data)
  if data.route then return end
  local signed = Measure.get_max_speed(way:get_value_by_key('maxspeed'))
  local top = math.min(TOP_SPEED, signed and signed > 0 and signed or TOP_SPEED)
  result.forward_speed = math.min(result.forward_speed, top)
  result.backward_speed = math.min(result.backward_speed, top)
end

local function preferences(profile, way, result, data)
  local liking = LIKING[data.highway] or 1
  local beside = way:get_value_by_key('cycleway') or way:get_value_by_key('cycleway:both') or
                 way:get_value_by_key('cycleway:right') or way:get_value_by_key('cycleway:left')
  if beside == 'track' or beside == 'lane' then liking = 1 end
  if result.forward_speed > 0 then result.forward_rate = result.forward_speed * liking / 3.6 end
  if result.backward_speed > 0 then result.backward_rate = result.backward_speed * liking / 3.6 end
  if result.duration > 0 then result.weight = result.duration end
end

local HANDLERS = Sequence {
  WayHandlers.default_mode, WayHandlers.blocked_ways, WayHandlers.avoid_ways, WayHandlers.access,
  WayHandlers.ferries, ride_or_push, one_way, WayHandlers.destinations, limits, WayHandlers.surface,
  preferences, WayHandlers.classification, WayHandlers.roundabouts, WayHandlers.startpoint,
  WayHandlers.driving_side, WayHandlers.names,
}

local function process_way(profile, way, result, relations)
  local data = {
    highway = way:get_value_by_key('highway'),
    bridge = way:get_value_by_key('bridge'),
    route = way:get_value_by_key('route'),
  }
  if not data.highway and not data.route then return end
  WayHandlers.run(profile, way, result, data, HANDLERS, relations)
end

local function process_turn(profile, turn)
  if turn.has_traffic_light then
    turn.duration = turn.duration + profile.properties.traffic_signal_penalty
  end
  if turn.is_u_turn then
    turn.duration = turn.duration + profile.properties.u_turn_penalty
  elseif turn.number_of_roads > 2 then
    turn.duration = turn.duration + profile.turn_seconds * (1 - math.cos(math.rad(turn.angle))) / 2
  end
  if turn.source_mode ~= turn.target_mode then turn.duration = turn.duration + MODE_CHANGE_S end
  turn.weight = turn.duration
end

return {
  setup = setup,
  process_node = process_node,
  process_way = process_way,
  process_turn = process_turn,
}
