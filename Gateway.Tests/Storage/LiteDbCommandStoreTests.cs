using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting.Contract;
using Gateway.Storage;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Storage;

internal sealed class LiteDbCommandStoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private TempFolder _folder = null!;
    private LiteDbStore _file = null!;
    private LiteDbCommandStore _store = null!;

    [SetUp]
    public void Open()
    {
        _folder = new TempFolder();
        _file = new LiteDbStore(new StorageSettings { Path = _folder.PathOf("gateway.db") }, NullLogger<LiteDbStore>.Instance);
        _store = new LiteDbCommandStore(_file);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_command_comes_back_as_it_was()
    {
        var command = CommandOf("r1", 7) with
        {
            Command = new Command
            {
                RequestId = "r1",
                DeviceId = "a",
                CommandType = "set",
                Payload = JsonElement.Parse("""{"$oid": "5", "n": 12345678901234567890, "deep": {"x": [1.50, null]}}"""),
                Metadata = new Dictionary<string, string> { ["who"] = "me" },
                Priority = 3,
                ExpiresAt = Now.AddHours(1),
            },
        };
        var sent = command.Step(CommandState.Sent, Now.AddMinutes(1));

        await _store.SaveAsync([sent], CancellationToken.None);
        var found = await _store.FindAsync("r1", CancellationToken.None);

        Assert.That(JsonSerializer.Serialize(found, StoredJson.Options), Is.EqualTo(JsonSerializer.Serialize(sent, StoredJson.Options)));
    }

    [Test]
    public async Task Only_what_has_not_ended_is_live_in_the_order_of_arrival()
    {
        await _store.SaveAsync(
            [
                CommandOf("late", 3),
                CommandOf("sent", 2).Step(CommandState.Sent, Now),
                CommandOf("ended", 1).Step(CommandState.Cancelled, Now),
                CommandOf("early", 0),
            ],
            CancellationToken.None);

        var live = await _store.LoadLiveAsync(CancellationToken.None);

        Assert.That(live.Select(command => command.RequestId), Is.EqualTo(new[] { "early", "sent", "late" }));
        Assert.That(await _store.LastOrderAsync(CancellationToken.None), Is.EqualTo(3));
    }

    [Test]
    public async Task Commands_that_ended_long_ago_are_forgotten()
    {
        await _store.SaveAsync(
            [
                CommandOf("old", 1).Step(CommandState.Cancelled, Now.AddDays(-8)),
                CommandOf("fresh", 2).Step(CommandState.Cancelled, Now),
                CommandOf("waiting", 3) with { UpdatedAt = Now.AddDays(-30) },
            ],
            CancellationToken.None);

        var forgotten = await _store.DeleteEndedAsync(Now.AddDays(-7), CancellationToken.None);
        var left = await _store.ListAsync(DeviceId.Parse("a"), 10, CancellationToken.None);

        Assert.That(forgotten, Is.EqualTo(1));
        Assert.That(left.Select(command => command.RequestId), Is.EqualTo(new[] { "waiting", "fresh" }), "the newest first");
    }

    private static QueuedCommand CommandOf(string requestId, long order) => new()
    {
        Command = new Command { RequestId = requestId, DeviceId = "a", CommandType = "set" },
        Device = DeviceId.Parse("a"),
        Order = order,
        CreatedAt = Now,
        UpdatedAt = Now,
    };
}
