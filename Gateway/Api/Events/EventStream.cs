using System.Buffers;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>
/// What one listener is told. Readings and commands are read from the journal at the listener's own pace, so that a slow one costs nobody
/// anything, and one that comes back goes on where it was. Exchanges and scripts are told as they happen; what a slow listener has no room for
/// is left out, and it is told how much that was.
/// </summary>
internal sealed class EventStream(EventStreams house, EventKinds kinds, DeviceId device, long? after)
{
    /// <summary>So many events wait for a listener.</summary>
    public const int Room = 1000;

    /// <summary>Who is so many records behind is brought to the end: these would be no news any more.</summary>
    public const long FarthestBehind = 100_000;

    /// <summary>Something is told at least this often, so that both sides notice when the other is gone.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private const int RecordsAtOnce = 256;

    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(2);

    private readonly Channel<SseItem<string>> _waiting = Channel.CreateBounded<SseItem<string>>(new BoundedChannelOptions(Room) { SingleReader = true });

    // Counted by whoever had no room; taken by the reader.
    private int _leftOut;

    public async IAsyncEnumerable<SseItem<string>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, house.Stopping);
        var position = Math.Min(after ?? long.MaxValue, house.Journal.LastSequence);
        house.Exchanges.Noted += Note;
        house.Scripts.Published += Note;
        var following = FollowJournalAsync(position, end.Token);
        try
        {
            // At once, so that the listener knows that it listens, and from where on.
            yield return Item("open", JsonSerializer.Serialize(new EventsOpened(position), ManagementApi.Json), position) with { ReconnectionInterval = ComeBack };
            while (await HasNextAsync(end.Token) is { } hasNext)
            {
                if (!hasNext)
                {
                    yield return Item("keep-alive", "{}");
                }

                while (_waiting.Reader.TryRead(out var item))
                {
                    yield return item;
                }

                if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var leftOut)
                {
                    yield return Notice(leftOut, "events came faster than they were read; these exchanges and scripts were left out");
                }
            }
        }
        finally
        {
            house.Exchanges.Noted -= Note;
            house.Scripts.Published -= Note;
            house.Close();
            await end.CancelAsync();
            await following;
        }
    }

    /// <summary>True when something waits, false when it is time to say that all is well; null at the end.</summary>
    private async Task<bool?> HasNextAsync(CancellationToken end)
    {
        using var patience = new CancellationTokenSource(KeepAlive, house.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end, patience.Token);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return end.IsCancellationRequested ? null : false;
        }
    }

    private void Note(DeviceExchange exchange)
    {
        if (kinds.HasFlag(EventKinds.Exchange) && (device.IsNone || exchange.Device == device))
        {
            Offer(EventKinds.Exchange, ExchangeStatus.Of(exchange));
        }
    }

    private void Note(CatalogScript script)
    {
        if (kinds.HasFlag(EventKinds.Script) && device.IsNone)
        {
            Offer(EventKinds.Script, ScriptEvent.Of(script));
        }
    }

    private void Offer<T>(EventKinds kind, T happened)
    {
        if (!_waiting.Writer.TryWrite(Item(EventKindNames.NameOf(kind), JsonSerializer.Serialize(happened, ManagementApi.Json))))
        {
            Interlocked.Increment(ref _leftOut);
        }
    }

    private async Task FollowJournalAsync(long position, CancellationToken end)
    {
        if ((kinds & (EventKinds.Reading | EventKinds.Command)) == 0)
        {
            return;
        }

        try
        {
            while (true)
            {
                await house.Journal.WaitForRecordsAsync(position, end);
                if (house.Journal.LastSequence is var last && last - position > FarthestBehind)
                {
                    await _waiting.Writer.WriteAsync(Notice(last - position, "this listener was too far behind; these records of the journal were left out"), end);
                    position = last;
                }

                foreach (var record in house.Journal.Read(position, RecordsAtOnce))
                {
                    position = record.Sequence;
                    if (KindOf(record) is var kind && kind is not EventKinds.None && kinds.HasFlag(kind) && (device.IsNone || record.DeviceId == device.ToString()))
                    {
                        await _waiting.Writer.WriteAsync(Item(EventKindNames.NameOf(kind), TextOf(record), position), end);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            _waiting.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // The listener is told, and comes back with its last id.
            _waiting.Writer.TryComplete(e);
        }
    }

    private static EventKinds KindOf(JournalRecord record) => record switch
    {
        { Command: not null } => EventKinds.Command,
        { ReadingCount: > 0 } => EventKinds.Reading,
        _ => EventKinds.None,
    };

    private static string TextOf(JournalRecord record)
    {
        var output = new ArrayBufferWriter<byte>(512);
        JournalRecordJson.Write(output, record);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static SseItem<string> Notice(long leftOut, string reason) => Item("notice", JsonSerializer.Serialize(new EventNotice(leftOut, reason), ManagementApi.Json));

    private static SseItem<string> Item(string type, string data, long? id = null) =>
        new(data, type) { EventId = id?.ToString(CultureInfo.InvariantCulture) };
}
