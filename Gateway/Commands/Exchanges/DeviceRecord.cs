using System.Globalization;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>What is remembered of one device, and its place among the others. Who uses it holds their lock.</summary>
internal sealed class DeviceRecord
{
    private const int FirstRoom = 2;

    private DeviceExchange[] _exchanges = [];
    private int _newest = -1;
    private int _count;
    private Intervals _messages;
    private Intervals _confirmables;
    private ReadingValue? _nextTransmission;
    private DeviceRecord _previous;

    public DeviceRecord() => Next = _previous = this;

    /// <summary>Who it is; none for the one that stands between the newest and the oldest.</summary>
    public DeviceId Device { get; init; }

    /// <summary>The one that spoke next after this one.</summary>
    public DeviceRecord Next { get; private set; }

    public void Leave()
    {
        (_previous.Next, Next._previous) = (Next, _previous);
        Next = _previous = this;
    }

    public void EnterBefore(DeviceRecord other)
    {
        (_previous, Next) = (other._previous, other);
        _previous.Next = other._previous = this;
    }

    public void Note(in DeviceExchange exchange, ReadingValue? nextTransmission, int kept)
    {
        _messages.Note(exchange.ReceivedAt);
        if (exchange.Confirmable)
        {
            _confirmables.Note(exchange.ReceivedAt);
        }

        // Kept as it is: it is only read when somebody asks.
        _nextTransmission = nextTransmission ?? _nextTransmission;
        if (kept > 0)
        {
            Keep(exchange, kept);
        }
    }

    public IReadOnlyList<DeviceExchange> NewestFirst()
    {
        var exchanges = new DeviceExchange[_count];
        for (var i = 0; i < exchanges.Length; i++)
        {
            exchanges[i] = _exchanges[(_newest - i + _exchanges.Length) % _exchanges.Length];
        }

        return exchanges;
    }

    public DeviceRhythm Rhythm() => new(
        _messages.Count, _messages.LastAt!.Value, _messages.Usual(), _confirmables.Count, _confirmables.LastAt, _confirmables.Usual(), InstantOf(_nextTransmission));

    private void Keep(in DeviceExchange exchange, int kept)
    {
        if (_count == _exchanges.Length && _count < kept)
        {
            // Most devices of a large fleet have spoken a few times: the room grows with need, and stands in order as long as it does.
            Array.Resize(ref _exchanges, Math.Min(Math.Max(_count * 2, FirstRoom), kept));
        }

        // Path and address are mostly those of the time before; then these strings need not be kept twice.
        var before = _newest < 0 ? default : _exchanges[_newest];
        _newest = (_newest + 1) % _exchanges.Length;
        _count = Math.Min(_count + 1, _exchanges.Length);
        _exchanges[_newest] = exchange with
        {
            Path = exchange.Path == before.Path ? before.Path : exchange.Path,
            Peer = exchange.Peer == before.Peer ? before.Peer : exchange.Peer,
        };
    }

    private static DateTimeOffset? InstantOf(ReadingValue? value) => value switch
    {
        { Kind: ReadingValueKind.Text } text when DateTimeOffset.TryParse(
            text.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) => instant,
        { Kind: ReadingValueKind.Whole } seconds when seconds.AsInt64() is > 0 and < 253_402_300_800 and var whole => DateTimeOffset.FromUnixTimeSeconds(whole),
        _ => null,
    };
}
