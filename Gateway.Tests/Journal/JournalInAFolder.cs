using System.Text;
using Gateway.Journal;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

/// <summary>A real journal in a folder of its own. It can be closed and opened again, and looked at from outside.</summary>
internal sealed class JournalInAFolder : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private SqliteJournal? _journal;

    public JournalSettings Settings { get; init; } = new();

    public string[] ActiveCursors { get; init; } = [];

    public string[] OwnCursors { get; init; } = [];

    /// <summary>Events that the test expects in the log; any other warning or error fails it.</summary>
    public int[] ExpectedComplaints { get; init; } = [];

    /// <summary>The room that the disk is said to have; null asks the disk.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>What is done around the telling of those who wait for a group.</summary>
    public Action<Action> Together { get; init; } = tell => tell();

    public FakeTimeProvider Time { get; } = new();

    public Meters Meters { get; } = new();

    public RecordedLog<SqliteJournal> Log { get; } = new();

    public string Path => _folder.PathOf("journal.db");

    public SqliteJournal Journal => _journal ?? throw new InvalidOperationException("open it first");

    public async Task<SqliteJournal> OpenAsync()
    {
        _journal = New();
        await _journal.StartAsync(CancellationToken.None);
        return _journal;
    }

    public async Task<SqliteJournal> ReopenAsync()
    {
        await Journal.StopAsync(CancellationToken.None);
        return await OpenAsync();
    }

    public SqliteJournal New() => new(Settings with { Path = Path }, ActiveCursors, Time, new JournalMetrics(Meters), Log, path => FreeBytes ?? DiskWatch.FreeBytesOf(path))
    {
        AlwaysKeepFor = OwnCursors,
        Together = Together,
    };

    public async Task<long> AppendAsync(string requestId) =>
        await Journal.AppendAsync(Record(requestId), CancellationToken.None).AsTask().WaitAsync(Eventually.Limit);

    public async Task<long> AppendAsync(params JournalRecord[] records) =>
        await Journal.AppendAsync(records, CancellationToken.None).AsTask().WaitAsync(Eventually.Limit);

    public async Task AppendManyAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await AppendAsync($"r{i}");
        }
    }

    /// <summary>A connection as another program would have it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False;Default Timeout=10");
        connection.Open();
        return connection;
    }

    public void Run(string sql)
    {
        using var connection = Connect();
        Run(connection, sql);
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long Ask(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public static JournalRecord Record(string requestId, int readings = 1) => new()
    {
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        RequestId = requestId,
        DeviceId = "282C024FFFB3",
        Profile = "efento",
        Method = "POST",
        Path = "/m",
        Peer = "192.0.2.1:5683",
        Confirmable = true,
        ScriptRef = "efento.csx",
        ScriptVersion = "1",
        Payload = new byte[] { 1, 2, 3 },
        Outcome = FrameOutcome.Parsed,
        ReadingCount = readings,
        Readings = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, readings).Select(number => $"{{\"request_id\":\"{requestId}\",\"n\":{number}}}\n"))),
    };

    public static JournalRecord Step(string commandId, CommandStepState state, int bytes = 10) => new()
    {
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero),
        Kind = JournalRecordKind.Command,
        RequestId = "",
        DeviceId = "282C024FFFB3",
        Command = new CommandStep { CommandId = commandId, CommandType = "set", State = state, Body = new byte[bytes] },
    };

    public static JournalRecord Failure(string source, string reason) => new()
    {
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 7, TimeSpan.Zero),
        Kind = JournalRecordKind.Failure,
        RequestId = "",
        Source = source,
        Error = reason,
        Payload = new byte[] { 9 },
    };

    public async ValueTask DisposeAsync()
    {
        if (_journal is not null)
        {
            await _journal.DisposeAsync();
        }

        Meters.Dispose();
        _folder.Dispose();
        Assert.That(Log.Complaints(ExpectedComplaints), Is.Empty, "the journal complained");
    }
}
