using System.Runtime.InteropServices;

namespace Gateway.Cli;

/// <summary>
/// What one device has said, what of it was acknowledged, and what came out of the gateway. Frames are told apart by their request id: one
/// reading with two request ids is one that the gateway has taken twice. May be used from any thread.
/// </summary>
/// <param name="device">The device.</param>
internal sealed class DeviceLedger(string device)
{
    // In place of the time of readings that have that of their frame's arrival.
    private const long OfArrival = long.MinValue;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Index, long Time), Entry> _entries = [];

    public string Device => device;

    /// <summary>A message is about to be sent. Its readings may arrive from now on.</summary>
    public void Begin(DeviceMessage message)
    {
        lock (_lock)
        {
            foreach (var reading in message.Readings)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, KeyOf(reading), out _);
                (entry.Value, entry.IsError) = (reading.Value, reading.IsError);
                entry.Messages++;
            }
        }
    }

    /// <summary>A message has been sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tries">How many messages the gateway may have taken it for.</param>
    /// <param name="isAcknowledged">Whether it was answered that it is safe.</param>
    public void End(DeviceMessage message, int tries, bool isAcknowledged)
    {
        lock (_lock)
        {
            foreach (var reading in message.Readings)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, KeyOf(reading), out _);
                entry.Tries += tries;
                entry.Acknowledged += isAcknowledged ? 1 : 0;
            }
        }
    }

    /// <summary>A reading came out.</summary>
    public Arrival Arrive(string index, long? milliseconds, double? value, bool isError, UInt128 request)
    {
        lock (_lock)
        {
            ref var entry = ref FindEntry(index, milliseconds);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry))
            {
                return Arrival.Unexpected;
            }

            if (entry.IsError != isError || (entry.Value is { } expected && !(value is { } actual && Math.Abs(actual - expected) <= 1e-9 * Math.Max(1, Math.Abs(expected)))))
            {
                entry.Wrong++;
                return Arrival.Wrong;
            }

            return entry.Add(request) ? Arrival.Right : Arrival.Again;
        }
    }

    /// <summary>The sums of the device.</summary>
    public LedgerSums Sum()
    {
        var sums = default(LedgerSums);
        lock (_lock)
        {
            foreach (var ((index, time), entry) in _entries)
            {
                sums.Add(entry.Acknowledged, entry.Distinct + entry.Wrong, entry.Tries, () =>
                    $"{device} {index}{(time == OfArrival ? "" : $" of {DateTimeOffset.FromUnixTimeMilliseconds(time):yyyy-MM-dd'T'HH:mm:ss'Z'}")}");
            }
        }

        return sums;
    }

    private static (string Index, long Time) KeyOf(ExpectedReading reading) => (reading.Index, reading.Milliseconds ?? OfArrival);

    private ref Entry FindEntry(string index, long? milliseconds)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, (index, milliseconds ?? OfArrival));
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry))
        {
            return ref CollectionsMarshal.GetValueRefOrNullRef(_entries, (index, OfArrival));
        }

        return ref entry;
    }

    private record struct Entry
    {
        private UInt128 _first;
        private List<UInt128>? _more;

        public double? Value { get; set; }

        public bool IsError { get; set; }

        public int Messages { get; set; }

        public int Acknowledged { get; set; }

        public int Tries { get; set; }

        public int Wrong { get; set; }

        /// <summary>How many frames brought it.</summary>
        public int Distinct { get; private set; }

        /// <summary>Whether this frame had not brought it before.</summary>
        public bool Add(UInt128 request)
        {
            if (Distinct > 0 && (request == _first || (_more?.Contains(request) ?? false)))
            {
                return false;
            }

            if (Distinct == 0)
            {
                _first = request;
            }
            else
            {
                (_more ??= []).Add(request);
            }

            Distinct++;
            return true;
        }
    }
}

/// <summary>What a reading that came out turned out to be.</summary>
internal enum Arrival
{
    /// <summary>As it was sent.</summary>
    Right,

    /// <summary>The same of the same frame, once more: a sink delivers at least once.</summary>
    Again,

    /// <summary>Another value than was sent.</summary>
    Wrong,

    /// <summary>The device has measured nothing at that time.</summary>
    Unexpected,
}

/// <summary>The sums of ledgers. A reading that was sent in several messages counts for each of them.</summary>
internal struct LedgerSums
{
    private List<string>? _examples;

    /// <summary>Readings that a device was told are safe.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Of those, the ones that did not come out.</summary>
    public long Missing { get; private set; }

    /// <summary>Readings that came out, each frame once.</summary>
    public long Delivered { get; private set; }

    /// <summary>Readings that came out of more frames than the device has sent.</summary>
    public long Surplus { get; private set; }

    /// <summary>Some of what is missing or too much.</summary>
    public readonly IReadOnlyList<string> Examples => _examples ?? [];

    public void Add(int acknowledged, int delivered, int tries, Func<string> name)
    {
        var (missing, surplus) = (Math.Max(0, acknowledged - delivered), Math.Max(0, delivered - tries));
        (Acknowledged, Delivered, Missing, Surplus) = (Acknowledged + acknowledged, Delivered + delivered, Missing + missing, Surplus + surplus);
        if (missing + surplus > 0 && Examples.Count < FleetVerdict.Examples)
        {
            (_examples ??= []).Add(missing > 0 ? $"missing: {name()}" : $"came {delivered} times, sent {tries} times: {name()}");
        }
    }

    public void Add(LedgerSums others)
    {
        (Acknowledged, Delivered, Missing, Surplus) =
            (Acknowledged + others.Acknowledged, Delivered + others.Delivered, Missing + others.Missing, Surplus + others.Surplus);
        foreach (var example in others.Examples.Take(FleetVerdict.Examples - Examples.Count))
        {
            (_examples ??= []).Add(example);
        }
    }
}
