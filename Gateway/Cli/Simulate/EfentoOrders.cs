using System.Text.Json.Nodes;
using Gateway.Protos.Efento;

namespace Gateway.Cli;

/// <summary>
/// The commands that a simulated Efento sensor gets, and how often it has had each. A change of settings can be told apart from all others by
/// its transfer_limit_timer, which does nothing as long as there is no limit.
/// </summary>
/// <param name="sensor">The sensor's number.</param>
/// <param name="period">Its measurement period as it comes.</param>
internal sealed class EfentoOrders(int sensor, long period)
{
    // Only the device's task writes; any task reads.
    private readonly Dictionary<int, int> _changes = [];
    private readonly int[] _requests = new int[Kinds];

    private const int Kinds = 4;
    private const int MostTimer = 65534;

    private enum Kind
    {
        Settings,
        DeviceInfo,
        Configuration,
        TimeOrOutput,
    }

    public FleetCommand CommandFor(int number) => KindOf(number) switch
    {
        Kind.DeviceInfo => new FleetCommand("request_device_info", [], OnlyOnce: false),
        Kind.Configuration => new FleetCommand("request_configuration", [], OnlyOnce: false),
        Kind.TimeOrOutput when HasOutput => new FleetCommand("set_outputs", Outputs(isOn: number / Kinds % 2 == 0), OnlyOnce: false),
        Kind.TimeOrOutput => new FleetCommand("time_sync", [], OnlyOnce: false),

        // The period changes to and fro.
        _ => new FleetCommand(
            "config_update",
            new JsonObject { ["transfer_limit_timer"] = TimerOf(number), ["measurement_period_base"] = period + 1 - (number / Kinds % 2), ["measurement_period_factor"] = 1 },
            OnlyOnce: true),
    };

    public int TimesApplied(int number)
    {
        var kind = KindOf(number);
        lock (_changes)
        {
            // Requests of a kind are all the same: the first one that came counts for the first one that was sent.
            return kind is Kind.Settings ? _changes.GetValueOrDefault(TimerOf(number)) : _requests[(int)kind] > number / Kinds ? 1 : 0;
        }
    }

    /// <summary>Notes what the sensor was told.</summary>
    public void Note(ProtoConfig wish)
    {
        lock (_changes)
        {
            if (wish.TransferLimitTimer > 0)
            {
                _changes[(int)wish.TransferLimitTimer] = _changes.GetValueOrDefault((int)wish.TransferLimitTimer) + 1;
            }

            _requests[(int)Kind.DeviceInfo] += wish.DeviceInfoRequest ? 1 : 0;
            _requests[(int)Kind.Configuration] += wish.ConfigurationRequest ? 1 : 0;
            _requests[(int)Kind.TimeOrOutput] += wish.CurrentTime > 0 || wish.SetOutputControlStateRequest.Count > 0 ? 1 : 0;
        }
    }

    private bool HasOutput => EfentoQuantity.OfSensor(sensor)[0].IsOutput;

    // So that each kind comes even when each sensor gets but one.
    private Kind KindOf(int number) => (Kind)((sensor / 5 + number) % Kinds);

    private static int TimerOf(int number) => 1 + (number % MostTimer);

    private static JsonObject Outputs(bool isOn) => new()
    {
        ["outputs"] = new JsonArray(new JsonObject { ["channel"] = 1, ["state"] = isOn ? "on" : "off" }),
    };
}
