using System.Diagnostics;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>
/// The last exchanges of each device, in memory, and how often it speaks: for people who ask what happens, and to tell when a command is likely
/// to go out. Bounded in devices (<c>devices.cache_size</c>; the one that spoke longest ago is forgotten first) and in exchanges
/// (<c>devices.exchanges_kept</c>). A device that is known and whose exchanges are full costs no allocation.
/// </summary>
internal sealed class RecentExchanges
{
    // Devices speak at the same time; those of different stripes don't wait for each other.
    private const int StripeCount = 16;

    private readonly Stripe[] _stripes;

    public RecentExchanges(DeviceSettings settings)
    {
        var devices = (settings.CacheSize + StripeCount - 1) / StripeCount;
        _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe(devices, settings.ExchangesKept))];
    }

    /// <summary>
    /// Raised for each exchange, also for those of nobody, on the thread that has the device's answer to give: whoever listens must neither wait
    /// nor throw.
    /// </summary>
    public event Action<DeviceExchange>? Noted;

    /// <summary>Remembers an exchange.</summary>
    /// <param name="exchange">What happened.</param>
    /// <param name="nextTransmission">When the device means to speak again, as its script has read it: an instant as a text of RFC 3339, or seconds since 1970; null when it did not say.</param>
    public void Note(in DeviceExchange exchange, ReadingValue? nextTransmission = null)
    {
        if (!exchange.Device.IsNone)
        {
            StripeOf(exchange.Device).Note(exchange, nextTransmission);
        }

        Noted?.Invoke(exchange);
    }

    /// <summary>The last exchanges of a device, the newest first; none when it has not spoken since the start, or so long ago that it is forgotten.</summary>
    public IReadOnlyList<DeviceExchange> Of(DeviceId device) => StripeOf(device).Of(device);

    /// <summary>How a device speaks; null when nothing is known of it.</summary>
    public DeviceRhythm? RhythmOf(DeviceId device) => StripeOf(device).RhythmOf(device);

    private Stripe StripeOf(DeviceId device) => _stripes[(uint)device.GetHashCode() % StripeCount];

    private sealed class Stripe(int maxDevices, int kept)
    {
        private readonly Lock _gate = new();

        // All under the gate. The devices are a ring by the time of their last message: the first one is forgotten first.
        private readonly Dictionary<DeviceId, DeviceRecord> _devices = [];
        private readonly DeviceRecord _ends = new();

        public void Note(in DeviceExchange exchange, ReadingValue? nextTransmission)
        {
            lock (_gate)
            {
                if (_devices.TryGetValue(exchange.Device, out var record))
                {
                    record.Leave();
                }
                else
                {
                    record = new DeviceRecord { Device = exchange.Device };
                    MakeRoom();
                    _devices.Add(record.Device, record);
                }

                record.EnterBefore(_ends);
                record.Note(exchange, nextTransmission, kept);
            }
        }

        public IReadOnlyList<DeviceExchange> Of(DeviceId device)
        {
            lock (_gate)
            {
                return _devices.TryGetValue(device, out var record) ? record.NewestFirst() : [];
            }
        }

        public DeviceRhythm? RhythmOf(DeviceId device)
        {
            lock (_gate)
            {
                return _devices.TryGetValue(device, out var record) ? record.Rhythm() : null;
            }
        }

        private void MakeRoom()
        {
            while (_devices.Count >= maxDevices)
            {
                var oldest = _ends.Next;
                oldest.Leave();
                var known = _devices.Remove(oldest.Device);
                Debug.Assert(known, "a device of the ring is in the table");
            }
        }
    }
}
