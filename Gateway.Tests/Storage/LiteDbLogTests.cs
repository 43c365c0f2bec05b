using Gateway.Storage;
using Gateway.Tests.Support;
using LiteDB;

namespace Gateway.Tests.Storage;

internal sealed class LiteDbLogTests
{
    private const int Few = 20;
    private const int Many = 300;
    private const int Cuts = 150;

    private TempFolder _folder = null!;

    private string Path => _folder.PathOf("gateway.db");

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();

        // As on the store's own thread; with NUnit's, LiteDB's pages would be written by another thread.
        SynchronizationContext.SetSynchronizationContext(null);
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void A_transaction_reaches_the_disk_twice_however_many_pages_it_has()
    {
        var disk = new RecordingDisk();
        using var log = disk.AsLog();
        using var database = Open(Path, log);
        Put(database, 0, Few);
        Put(database, 1, Few);
        disk.Forget();

        Put(database, 2, Many);

        Assert.That(disk.Steps.Count(step => step.Page.Length > 0), Is.GreaterThan(20), "pages");
        Assert.That(disk.Steps.Count(step => step.Page.Length == 0), Is.EqualTo(2), "syncs");
        Assert.That(disk.Steps[^1].Page, Is.Empty, "the commit returned before its last page was on disk");
    }

    // A disk keeps what was synced, and of what came after that any part, in any order.
    [Test]
    public void After_a_power_cut_a_transaction_is_there_as_a_whole_or_not_at_all()
    {
        var disk = new RecordingDisk();
        int earlier;
        using (var database = Open(Path, disk.AsLog()))
        {
            Put(database, 0, Few);
            Put(database, 1, Few);
            earlier = disk.Steps.Count;
            File.Copy(Path, _folder.PathOf("before.db"));
            Put(database, 2, Many);
        }

        var seen = new HashSet<int>();
        var confirming = disk.Steps.FindLastIndex(step => step.Page.Length > 0);
        for (var seed = 0; seed < Cuts; seed++)
        {
            var random = new Random(seed);

            // Every other cut where it is most delicate.
            var cut = seed % 2 == 0 ? confirming + random.Next(0, 3) : random.Next(0, disk.Steps.Count + 1);
            var path = _folder.PathOf($"cut{seed}.db");
            File.Copy(_folder.PathOf("before.db"), path);
            File.WriteAllBytes(LiteDbLog.PathOf(path), disk.ContentAfterCut(cut, random));

            using var log = new LiteDbLog(path);
            using var database = Open(path, log);
            var counts = Enumerable.Range(0, 3).Select(transaction => database.GetCollection("things").Count(BsonExpression.Create("$.transaction = @0", transaction))).ToArray();

            var where = $"seed {seed}, cut before step {cut} of {disk.Steps.Count}";
            Assert.That(counts[..2], cut < earlier ? Has.All.AnyOf(0, Few) : Has.All.EqualTo(Few), $"{where}: what was committed is lost");
            Assert.That(counts[2], cut == disk.Steps.Count ? Is.EqualTo(Many) : Is.AnyOf(0, Many), where);
            seen.Add(counts[2]);
        }

        Assert.That(seen, Is.EquivalentTo(new[] { 0, Many }), "no cut was of interest");
    }

    [Test]
    public void An_empty_log_is_taken_away()
    {
        using (var log = new LiteDbLog(Path))
        using (var database = Open(Path, log))
        {
            Put(database, 0, Few);
            database.Checkpoint();
        }

        Assert.That(LiteDbLog.PathOf(Path), Does.Not.Exist);
    }

    private static LiteDatabase Open(string path, LiteDbLog log)
    {
        var database = LiteDbStore.Open(path, log);
        LiteDbStore.MakeCommitsDurable(database, log, path);
        return database;
    }

    private static void Put(LiteDatabase database, int transaction, int documents)
    {
        var things = database.GetCollection("things");
        database.BeginTrans();
        for (var i = 0; i < documents; i++)
        {
            things.Insert(new BsonDocument { ["_id"] = $"{transaction}/{i}", ["transaction"] = transaction, ["text"] = new string('x', 700) });
        }

        database.Commit();
    }

    /// <summary>A file in memory that remembers in which order it was written and synced.</summary>
    private sealed class RecordingDisk : MemoryStream
    {
        /// <summary>A page at its position; one without bytes is a sync.</summary>
        public List<(long At, byte[] Page)> Steps { get; } = [];

        public LiteDbLog AsLog() => new(this, () => Steps.Add((0, [])));

        public void Forget() => Steps.Clear();

        public override void Write(byte[] buffer, int offset, int count)
        {
            Steps.Add((Position, buffer[offset..(offset + count)]));
            base.Write(buffer, offset, count);
        }

        /// <summary>What a disk may have of the file when the power goes before a step.</summary>
        public byte[] ContentAfterCut(int step, Random random)
        {
            var synced = Steps.FindLastIndex(Math.Max(step - 1, 0), Math.Max(step, 0), one => one.Page.Length == 0);
            using var content = new MemoryStream();
            for (var i = 0; i < step; i++)
            {
                if (i < synced || random.Next(2) == 0)
                {
                    content.Position = Steps[i].At;
                    content.Write(Steps[i].Page);
                }
            }

            return content.ToArray();
        }
    }
}
