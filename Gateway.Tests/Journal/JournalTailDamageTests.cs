using System.Buffers.Binary;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>What a crash leaves behind, with its end cut off or a bit of it changed.</summary>
internal sealed class JournalTailDamageTests
{
    private const int RecordsDamaged = 1404;
    private const int WalMended = 1414;
    private const int WalNotMended = 1415;
    private const int CutOff = 1416;
    private const int Records = 40;

    [Test]
    public async Task What_a_crash_leaves_is_whole()
    {
        await using var crashed = await CrashedAsync();

        var report = WalScan.Read(crashed.Path + "-wal")!;
        Assert.That((report.IsDamaged, report.Broken.Count, report.Commits), Is.EqualTo((false, 0, Records + 1)), "the tables, and a commit for each record");
        var journal = await crashed.OpenAsync();
        Assert.That(journal.Read(0, 100).Select(record => record.Sequence), Is.EqualTo(Enumerable.Range(1, Records)));
    }

    // Any byte of any frame: its header, the page, the checksum itself.
    [Test]
    public async Task A_changed_byte_in_the_WAL_costs_at_most_the_record_that_it_is_in([Range(0, 23)] int seed)
    {
        await using var crashed = await CrashedAsync(RecordsDamaged, WalMended, WalNotMended, CutOff);
        var wal = await File.ReadAllBytesAsync(crashed.Path + "-wal");
        var (place, frame) = Change(wal, new Random(seed));
        await File.WriteAllBytesAsync(crashed.Path + "-wal", wal);

        var journal = await crashed.OpenAsync();

        var kept = journal.Read(0, 100);
        var told = crashed.Log.Complaints();
        var mended = crashed.Log.Texts(WalMended).Count == 1;
        Assert.That(kept.All(record => record.RequestId == $"r{record.Sequence}"), "what is read is what was written");
        Assert.That(journal.Health.Damaged, Is.EqualTo(Records - kept.Count), $"byte {place}, frame {frame}: {string.Join('\n', told)}");
        Assert.That(kept, mended ? Has.Count.GreaterThanOrEqualTo(Records - 1) : Has.Count.GreaterThanOrEqualTo(0));
        Assert.That(told, Is.Not.Empty, $"byte {place}, frame {frame}: damage is told");
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(crashed.Path)!, "*.damaged-*"), Has.Length.LessThanOrEqualTo(1));
        Assert.That(await crashed.AppendAsync("next"), Is.EqualTo(Records + 1), "no number is given twice");
    }

    [Test]
    public async Task A_changed_payload_costs_its_record_and_no_other()
    {
        await using var crashed = await CrashedAsync(RecordsDamaged, WalMended);
        var wal = await File.ReadAllBytesAsync(crashed.Path + "-wal");
        for (int found = 0; (found = Find(wal, "\"r7\""u8, found)) >= 0; found++)
        {
            wal[found + 1] ^= 0x40;
        }

        await File.WriteAllBytesAsync(crashed.Path + "-wal", wal);
        var verdict = new JournalVerifier(crashed.Path, crashed.Time).Verify(CancellationToken.None);

        var journal = await crashed.OpenAsync();

        Assert.That(verdict.Problems, Has.Count.EqualTo(1).And.All.StartsWith("the WAL is damaged at frame "), "who only looks changes nothing");
        Assert.That(journal.Read(0, 100).Select(record => record.Sequence), Is.EqualTo(Enumerable.Range(1, Records).Where(sequence => sequence != 7)));
        Assert.That(crashed.Log.Texts(WalMended).Single(), Does.Contain("frame ").And.Contain("byte ").And.Contain(".damaged-"));
        Assert.That(crashed.Log.Texts(RecordsDamaged).Single(), Does.Contain("7 to 7").And.Contain("Checksum"));
    }

    [Test]
    public async Task What_a_cut_takes_off_is_told_and_the_rest_is_there([Values(1, 4000, 20_000, 60_000, 1_000_000)] int bytes)
    {
        await using var crashed = await CrashedAsync(CutOff);
        using (var wal = File.OpenWrite(crashed.Path + "-wal"))
        {
            wal.SetLength(Math.Max(wal.Length - bytes, 0));
        }

        var journal = await crashed.OpenAsync();

        var kept = journal.Read(0, 100);
        Assert.That(kept.Select(record => record.Sequence), Is.EqualTo(Enumerable.Range(1, kept.Count)));
        Assert.That(kept, Has.Count.LessThan(Records));
        Assert.That(crashed.Log.Texts(CutOff).Single(), Does.Contain($"{kept.Count + 1} to {Records}"));
        Assert.That(journal.Health.Damaged, Is.EqualTo(Records - kept.Count));
        Assert.That(await crashed.AppendAsync("next"), Is.EqualTo(Records + 1), "no number is given twice");
    }

    // A transaction that was never ended was never acknowledged: nothing to tell.
    [Test]
    public async Task A_commit_that_was_under_way_is_no_damage()
    {
        await using var crashed = await CrashedAsync();
        var wal = await File.ReadAllBytesAsync(crashed.Path + "-wal");
        await File.WriteAllBytesAsync(crashed.Path + "-wal", [.. wal, .. wal[^4120..^2000]]);

        var journal = await crashed.OpenAsync();

        Assert.That(journal.Read(0, 100), Has.Count.EqualTo(Records));
    }

    [Test]
    public async Task A_new_journal_in_the_place_of_one_that_was_moved_away_numbers_on()
    {
        await using var crashed = await CrashedAsync();
        File.Delete(crashed.Path);
        File.Delete(crashed.Path + "-wal");

        var journal = await crashed.OpenAsync();

        Assert.That((journal.Read(0, 1).Count, journal.Health.Damaged), Is.EqualTo((0, 0)));
        Assert.That(await crashed.AppendAsync("next"), Is.EqualTo(Records + 1));
    }

    [Test]
    public async Task A_damaged_file_is_not_touched()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            await folder.AppendAsync(JournalInAFolder.Record("r") with { Payload = new byte[10_000] });
        }

        await journal.StopAsync(CancellationToken.None);
        var file = await File.ReadAllBytesAsync(folder.Path);
        file.AsSpan(4096, 200).Fill(0x55);
        await File.WriteAllBytesAsync(folder.Path, file);

        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>()
            .With.Message.Contains(folder.Path).And.Message.Contains("is damaged").And.Message.Contains("gateway journal export"));
        Assert.That(await File.ReadAllBytesAsync(folder.Path), Is.EqualTo(file));
    }

    [Test]
    public async Task A_file_that_is_cut_off_is_not_touched()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            await folder.AppendAsync(JournalInAFolder.Record("r") with { Payload = new byte[10_000] });
        }

        await journal.StopAsync(CancellationToken.None);
        using (var file = File.OpenWrite(folder.Path))
        {
            file.SetLength(file.Length / 2);
        }

        var before = await File.ReadAllBytesAsync(folder.Path);
        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>().With.Message.Contains("is damaged"));
        Assert.That(await File.ReadAllBytesAsync(folder.Path), Is.EqualTo(before));
    }

    /// <summary>A journal as it is found after a crash: the files were copied while it was in use, and all of it is in the WAL.</summary>
    private static async Task<JournalInAFolder> CrashedAsync(params int[] complaints)
    {
        var crashed = new JournalInAFolder { ExpectedComplaints = complaints };
        await using var folder = new JournalInAFolder();
        await folder.OpenAsync();
        await folder.AppendManyAsync(Records);
        foreach (var suffix in new[] { "", "-wal", "-last" })
        {
            File.Copy(folder.Path + suffix, crashed.Path + suffix);
        }

        return crashed;
    }

    // Not in the frames of the tables: without these there is no journal, and SQLite says so.
    private static (int Place, int Frame) Change(byte[] wal, Random chance)
    {
        var frameBytes = WalScan.FrameHeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(wal.AsSpan(8));
        var frames = (wal.Length - WalScan.HeaderBytes) / frameBytes;
        var frame = chance.Next(frames / 4, frames);
        var place = WalScan.HeaderBytes + (frame * frameBytes) + (chance.Next(3) == 0 ? chance.Next(WalScan.FrameHeaderBytes) : chance.Next(frameBytes));
        wal[place] ^= (byte)(1 << chance.Next(8));
        return (place, frame);
    }

    private static int Find(byte[] bytes, ReadOnlySpan<byte> text, int from)
    {
        var found = bytes.AsSpan(from).IndexOf(text);
        return found < 0 ? -1 : from + found;
    }
}
