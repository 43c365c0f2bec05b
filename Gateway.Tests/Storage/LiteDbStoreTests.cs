using System.Collections.Concurrent;
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

        Assert.That(again.Read(Things), Is.EqualTo(1));
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
        Assert.That(store.Read(Things), Is.EqualTo(20));

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
    public async Task Nothing_is_written_or_read_after_closing()
    {
        var store = Open();
        await store.DisposeAsync();

        Assert.That(async () => await store.WriteAsync(_ => true, CancellationToken.None), Throws.TypeOf<StoreUnavailableException>());
        Assert.That(async () => await store.ReadAsync(_ => true, CancellationToken.None), Throws.TypeOf<StoreUnavailableException>());
    }

    [Test]
    public async Task What_waits_is_done_before_closing()
    {
        var store = Open();
        var gate = new ManualResetEventSlim();
        var first = store.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None).AsTask();
        var waiting = Enumerable.Range(0, 1000).Select(_ => store.WriteAsync(_ => 1, CancellationToken.None).AsTask()).ToArray();
        var read = store.ReadAsync(_ => 1, CancellationToken.None).AsTask();
        var closed = store.DisposeAsync();
        gate.Set();

        await closed;

        Assert.That((await first, (await Task.WhenAll(waiting)).Sum(), await read), Is.EqualTo((true, 1000, 1)));
    }

    [Test]
    public async Task Reading_is_done_by_the_thread_that_writes_and_before_the_writes_that_wait()
    {
        await using var store = Open();
        var gate = new ManualResetEventSlim();
        var done = new ConcurrentQueue<(string What, int Thread)>();

        var first = store.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)) && IsDone("first"), CancellationToken.None).AsTask();
        var writes = Enumerable.Range(0, 500).Select(_ => store.WriteAsync(_ => IsDone("write"), CancellationToken.None).AsTask()).ToArray();
        var read = store.ReadAsync(_ => IsDone("read"), CancellationToken.None).AsTask();
        gate.Set();
        await Task.WhenAll([first, .. writes, read]);

        Assert.That(done.DistinctBy(step => step.Thread).Count(), Is.EqualTo(1));
        Assert.That(done.TakeWhile(step => step.What != "read").Count(), Is.LessThanOrEqualTo(1 + 256), "behind the group that was under way at most");

        bool IsDone(string what)
        {
            done.Enqueue((what, Environment.CurrentManagedThreadId));
            return true;
        }
    }

    [Test]
    public async Task Reading_without_end_does_not_keep_a_write_waiting()
    {
        const int MostReads = 100_000;
        await using var store = Open();
        var (reads, written) = (0, false);

        // Each read asks for the next one while it is done, so there is always one that waits.
        bool ReadOn(ILiteDatabase database)
        {
            if (!written && ++reads < MostReads)
            {
                _ = store.ReadAsync(ReadOn, CancellationToken.None).AsTask();
            }

            return true;
        }

        var reading = store.ReadAsync(ReadOn, CancellationToken.None).AsTask();
        await store.WriteAsync(_ => written = true, CancellationToken.None);
        await reading;

        Assert.That(reads, Is.LessThan(MostReads));
    }

    [Test]
    public async Task A_read_that_fails_fails_alone()
    {
        await using var store = Open();
        var bad = store.ReadAsync<int>(_ => throw new InvalidOperationException("refused"), CancellationToken.None).AsTask();

        Assert.That(async () => await bad, Throws.TypeOf<StoreUnavailableException>().With.Message.Contains("refused"));
        Assert.That(await store.WriteAsync(Things, CancellationToken.None), Is.Zero);
    }

    // LiteDB gives a page of its cache to another while somebody still reads it, once there are some thousand of them (its issue 2817).
    [Test]
    public async Task Documents_are_those_that_were_asked_for_although_there_are_more_than_LiteDB_keeps_in_memory()
    {
        await using var store = Open();
        const int Documents = 6000;
        var bulk = new string('x', 3000);
        var writer = Task.Run(async () =>
        {
            foreach (var ids in Enumerable.Range(0, 2 * Documents).Select(i => i % Documents).Chunk(100))
            {
                await store.WriteAsync(
                    database => database.GetCollection("things").Upsert(ids.Select(id => new BsonDocument { ["_id"] = id, ["text"] = $"{id} {bulk}" })), CancellationToken.None);
            }
        });
        var readers = Enumerable.Range(0, 4).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!writer.IsCompleted)
            {
                var id = random.Next(Documents);
                var text = await store.ReadAsync(database => database.GetCollection("things").FindById(id)?["text"].AsString, CancellationToken.None);
                Assert.That(text, Is.Null.Or.StartsWith($"{id} "));
            }
        }));

        await Task.WhenAll([writer, .. readers]);
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

    private static int Things(ILiteDatabase database) => database.GetCollection("things").Count();

    private LiteDbStore Open() => new(new StorageSettings { Path = _folder.PathOf("gateway.db") }, TimeProvider.System, NullLogger<LiteDbStore>.Instance);
}
