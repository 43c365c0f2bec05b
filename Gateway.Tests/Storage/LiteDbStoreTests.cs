using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Support;
using LiteDB;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Storage;

internal sealed class LiteDbStoreTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task What_was_written_is_there_after_a_restart()
    {
        await using (var store = Open())
        {
            await store.WriteAsync(database => database.GetCollection("things").Upsert(new BsonDocument { ["_id"] = 1 }), CancellationToken.None);
        }

        await using var again = Open();

        Assert.That(again.Database.GetCollection("things").Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_write_that_fails_takes_no_other_with_it()
    {
        await using var store = Open();
        var gate = new ManualResetEventSlim();

        // While the first write holds the writer up, the others gather and are committed as one group.
        var first = store.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None).AsTask();
        var good = Enumerable.Range(0, 10).Select(i => Insert(store, i)).ToArray();
        var bad = store.WriteAsync<bool>(_ => throw new InvalidOperationException("refused"), CancellationToken.None).AsTask();
        var later = Enumerable.Range(10, 10).Select(i => Insert(store, i)).ToArray();
        gate.Set();

        await Task.WhenAll([first, .. good, .. later]);
        Assert.That(async () => await bad, Throws.TypeOf<StoreUnavailableException>().With.Message.Contains("refused"));
        Assert.That(store.Database.GetCollection("things").Count(), Is.EqualTo(20));

        static Task Insert(LiteDbStore store, int id) =>
            store.WriteAsync(database => database.GetCollection("things").Insert(new BsonDocument { ["_id"] = id }), CancellationToken.None).AsTask();
    }

    [Test]
    public async Task A_write_that_fails_alone_fails_once_and_the_next_is_done()
    {
        await using var store = Open();
        var tries = 0;

        Assert.That(
            async () => await store.WriteAsync<int>(_ => throw new InvalidOperationException($"refused {++tries}"), CancellationToken.None),
            Throws.TypeOf<StoreUnavailableException>().With.Message.Contains("refused 1"));
        Assert.That(await store.WriteAsync(_ => tries, CancellationToken.None), Is.EqualTo(1));
    }

    [Test]
    public async Task Nothing_is_written_after_closing()
    {
        var store = Open();
        await store.DisposeAsync();

        Assert.That(async () => await store.WriteAsync(_ => true, CancellationToken.None), Throws.TypeOf<StoreUnavailableException>());
    }

    [Test]
    public void A_damaged_file_is_refused_with_what_to_do()
    {
        var file = _folder.Write("gateway.db", new string('x', 100_000));

        Assert.That(() => Open(), Throws.TypeOf<StorageException>().With.Message.Contains(file).And.Message.Contains("backup"));
    }

    [Test]
    public async Task A_file_in_use_is_refused()
    {
        await using var first = Open();

        Assert.That(() => Open(), Throws.TypeOf<StorageException>().With.Message.Contains("another gateway"));
    }

    private LiteDbStore Open() => new(new StorageSettings { Path = _folder.PathOf("gateway.db") }, TimeProvider.System, NullLogger<LiteDbStore>.Instance);
}
