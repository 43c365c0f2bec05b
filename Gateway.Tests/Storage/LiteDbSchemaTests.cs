using Gateway.Commands;
using Gateway.Storage;
using LiteDB;

namespace Gateway.Tests.Storage;

/// <summary>Older files become new ones, newer ones are left alone, and damaged ones are not written to.</summary>
internal sealed class LiteDbSchemaTests
{
    private LiteDbInAFolder _file = null!;

    [SetUp]
    public void SetUp() => _file = new LiteDbInAFolder();

    [TearDown]
    public async Task DeleteAsync() => await _file.DisposeAsync();

    [Test]
    public async Task The_first_versions_commands_are_all_there_with_what_was_known_of_them()
    {
        WriteVersion1(2500);

        var store = new LiteDbCommandStore(_file.Open());
        var active = await store.LoadActiveAsync();
        var sent = await store.FindAsync("r2", CancellationToken.None);
        var ended = await store.FindAsync("r3", CancellationToken.None);

        Assert.That(active, Has.Count.EqualTo(2499), "all but the one that had ended");
        Assert.That((sent!.State, sent.Attempts, sent.Order, sent.Priority), Is.EqualTo((CommandState.Sent, 1, 2L, 5)));
        Assert.That(sent.ToCommand().Payload.GetRawText(), Is.EqualTo("""{"on":true}"""));
        Assert.That((ended!.State, ended.Reason), Is.EqualTo((CommandState.Failed, "no")));
        Assert.That((await store.PositionAsync(CancellationToken.None)).Epoch, Is.EqualTo(1), "the journal knows nothing of them, and need not be read for them");
        Assert.That(File.Exists(_file.Path + ".v1"), "as it was, it is kept");
    }

    [Test]
    public async Task A_migration_that_was_cut_short_is_gone_on_with()
    {
        WriteVersion1(10);
        _file.Open();
        await _file.CloseAsync();
        using (var database = new LiteDatabase(Connection()))
        {
            database.GetCollection("meta").DeleteAll();
            database.GetCollection("commands").Insert(Version1(99, "Queued"));
        }

        var store = new LiteDbCommandStore(_file.Open());

        Assert.That(await store.LoadActiveAsync(), Has.Count.EqualTo(10));
    }

    [Test]
    public async Task A_newer_version_is_refused_and_left_as_it_is()
    {
        _file.Open();
        await _file.CloseAsync();
        using (var database = new LiteDatabase(Connection()))
        {
            database.GetCollection("meta").Update(new BsonDocument { ["_id"] = "schema", ["version"] = 99 });
        }

        Assert.That(() => _file.Open(), Throws.TypeOf<StorageException>().With.Message.Contains("version 99").And.Message.Contains("run the gateway that wrote it"));
    }

    [Test]
    public async Task A_damaged_page_is_told_with_what_to_do_and_is_not_written_to()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await store.ApplyAsync([.. Enumerable.Range(0, 2000).Select(i => Commands.SomeCommands.Queued($"r{i}", i))], CancellationToken.None);
        await _file.CloseAsync();
        var bytes = await File.ReadAllBytesAsync(_file.Path);
        Array.Fill(bytes, (byte)0xFF, 8192 * 20, 8192 * 4);
        await File.WriteAllBytesAsync(_file.Path, bytes);

        Assert.That(() => _file.Open(), Throws.TypeOf<StorageException>().With.Message.Contains(_file.Path).And.Message.Contains("damaged").And.Message.Contains("backup"));
        Assert.That(await File.ReadAllBytesAsync(_file.Path), Is.EqualTo(bytes));
    }

    private ConnectionString Connection() => new() { Filename = _file.Path, Connection = ConnectionType.Direct, Collation = new Collation(127, System.Globalization.CompareOptions.Ordinal) };

    private void WriteVersion1(int count)
    {
        using var database = new LiteDatabase(Connection());
        var commands = database.GetCollection("commands");
        commands.EnsureIndex("device");
        commands.EnsureIndex("ended");
        commands.EnsureIndex("order");
        commands.InsertBulk(Enumerable.Range(1, count).Select(i => Version1(i, i switch { 2 => "Sent", 3 => "Failed", _ => "Queued" })));
    }

    private static BsonDocument Version1(int number, string state) => new()
    {
        ["_id"] = $"r{number}",
        ["device"] = "a",
        ["order"] = (long)number,
        ["state"] = state,
        ["ended"] = state == "Failed",
        ["attempts"] = state == "Sent" ? 1 : 0,
        ["created_at"] = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        ["updated_at"] = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        ["sent_at"] = state == "Sent" ? new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) : BsonValue.Null,
        ["reason"] = state == "Failed" ? "no" : BsonValue.Null,
        ["command"] = $$"""{"request_id":"r{{number}}","device_id":"a","command_type":"set","payload":{"on":true},"metadata":{},"priority":5}""",
    };
}
