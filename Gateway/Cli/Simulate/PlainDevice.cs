using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>A frame of a simulated device: where it goes, its bytes, and what must come of it.</summary>
/// <param name="number">The device's number in the fleet.</param>
/// <param name="id">The device's id.</param>
/// <param name="second">When it measures, in seconds since 1970.</param>
/// <param name="chance">What it measures.</param>
internal delegate DeviceMessage FrameWriter(int number, string id, long second, Random chance);

/// <summary>
/// A device that does the same each time: it measures, sends what it has measured in a confirmable message, sends that again when there was
/// no answer or an error of the server's, and gives it up after some attempts. Of its own task.
/// </summary>
internal sealed class PlainDevice : IDeviceModel
{
    private const int Attempts = 5;

    private readonly FleetSettings _settings;
    private readonly int _number;
    private readonly Random _chance;
    private readonly FrameWriter _write;
    private readonly Func<string, DeviceMessage>? _register;

    private long _measuredAt = long.MinValue;
    private DeviceMessage? _unsafe;
    private int _attempts;
    private bool _isRegistered;
    private bool _isRegistering;

    /// <param name="settings">The fleet.</param>
    /// <param name="number">The device's number.</param>
    /// <param name="id">Its id.</param>
    /// <param name="chance">What it measures.</param>
    /// <param name="first">When it first speaks.</param>
    /// <param name="write">What it sends.</param>
    /// <param name="register">How it registers, before it sends and whenever the gateway does not know it any more (4.04); null for one that need not.</param>
    public PlainDevice(FleetSettings settings, int number, string id, Random chance, DateTimeOffset first, FrameWriter write, Func<string, DeviceMessage>? register = null)
    {
        (_settings, _number, _chance, _write, _register) = (settings, number, chance, write, register);
        (DeviceId, SpeaksAt) = (id, first);
    }

    public string DeviceId { get; }

    public DateTimeOffset SpeaksAt { get; private set; }

    public DeviceMessage Speak(DateTimeOffset now)
    {
        _isRegistering = _register is not null && !_isRegistered;
        if (_isRegistering)
        {
            return _register!(DeviceId);
        }

        if (_unsafe is null)
        {
            // Readings are known by their second, so there is one of each.
            _measuredAt = Math.Max(_measuredAt + 1, now.ToUnixTimeSeconds());
            (_unsafe, _attempts) = (_write(_number, DeviceId, _measuredAt, _chance), 0);
        }

        _attempts++;
        return _unsafe;
    }

    public void Hear(DeviceAnswer? answer, DateTimeOffset now)
    {
        if (answer is { IsSuccess: true } && _isRegistering)
        {
            (_isRegistered, SpeaksAt) = (true, now);
            return;
        }

        if (_register is not null && answer?.Code == CoapCode.NotFound)
        {
            (_isRegistered, SpeaksAt) = (false, now);
            return;
        }

        var isOver = !_isRegistering && (answer is { IsSuccess: true } or { IsRefusal: true } || _attempts >= Attempts);
        _unsafe = isOver ? null : _unsafe;
        SpeaksAt = now + ((isOver ? 1 : 0.5) * _settings.Interval * (1 + (_settings.Jitter * ((2 * _chance.NextDouble()) - 1))));
    }

    public FleetCommand? CommandFor(int number) => null;

    public int TimesApplied(int number) => 0;
}
