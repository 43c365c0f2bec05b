using System.Globalization;
using System.Text;
using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks;

/// <summary>A sink as the gateway runs it: with a journal, the dispatcher, and its retry. Time is real, for the servers are.</summary>
internal sealed class SinkInUse : IAsyncDisposable
{
    public const int Devices = 7;
    private const int ReadingsOfFrame = 5;

    private readonly JournalInAFolder _folder = new();
    private SinkDispatcher? _dispatcher;

    public RecordedLog<SinkDispatcher> Log { get; } = new();

    public SinkStatus Status => _dispatcher!.Status[0];

    /// <summary>The settings with waits that suit a test, and dead letters that go away with it.</summary>
    public T Settings<T>(T settings)
        where T : SinkSettings => settings with
        {
            MaxBatch = 250,
            Retry = new SinkRetrySettings { FirstWaitSeconds = 0.02, LongestWaitSeconds = 0.2 },
            DeadLetters = new DeadLetterSettings { Path = _folder.Path + ".dead" },
        };

    /// <summary>Fills the journal with frames of several devices in turn, and delivers them.</summary>
    public async Task DeliverAsync(SinkSettings settings, int ofEachDevice, string name = "a")
    {
        await _folder.OpenAsync();
        var frames = new List<Task>();
        for (var first = 0; first < ofEachDevice; first += ReadingsOfFrame)
        {
            for (var device = 0; device < Devices; device++)
            {
                frames.Add(AppendAsync($"d{device}", first, Math.Min(ReadingsOfFrame, ofEachDevice - first)));
            }
        }

        await Task.WhenAll(frames);
        var sinks = SinkFactory.Create(new Dictionary<string, SinkSettings> { [name] = settings }, Stream.Null, TimeProvider.System, Log);
        _dispatcher = new SinkDispatcher(sinks, _folder.Journal, TimeProvider.System, new Random(1), new SinkMetrics(_folder.Meters), ExchangeTraces.Off, Log);
        await _dispatcher.StartAsync(CancellationToken.None);
    }

    public Task AppendAsync(string device, int first, int count) => _folder.Journal.AppendAsync(
        JournalInAFolder.Record("r") with
        {
            DeviceId = device,
            ReadingCount = count,
            Readings = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(first, count).Select(number => string.Create(
                CultureInfo.InvariantCulture, $"{{\"device_id\":\"{device}\",\"index\":\"TEMPERATURE\",\"values\":[21.5],\"n\":{number}}}\n")))),
        },
        CancellationToken.None).AsTask();

    public Task IsDoneAsync() => Eventually.HoldsAsync(() => Status.Lag == 0, "the sink is at the end of the journal");

    public async ValueTask DisposeAsync()
    {
        if (_dispatcher is not null)
        {
            await _dispatcher.StopAsync(CancellationToken.None);
            await _dispatcher.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }
}
