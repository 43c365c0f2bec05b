using System.IO.Compression;
using Gateway.Sinks;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class FileRotationTests
{
    private static readonly string Half = $"{{\"x\":\"{new string('x', 600 * 1024)}\"}}";

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => (_folder, _time) = (new TempFolder(), new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_file_that_would_grow_too_large_is_put_aside()
    {
        await WriteAsync(Settings with { RotateMegabytes = 1 }, "{\"n\":1}", Half);
        await WriteAsync(Settings with { RotateMegabytes = 1 }, "{\"n\":2}", Half);
        await WriteAsync(Settings with { RotateMegabytes = 1 }, "{\"n\":3}", Half);

        Assert.That(Files(), Is.EqualTo(["r-20260102T030405Z-000.ndjson", "r-20260102T030405Z-001.ndjson", "r.ndjson"]));
        Assert.That(Files().Select(FirstLine), Is.EqualTo(["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"]));
    }

    [Test]
    public async Task A_file_of_yesterday_is_put_aside_when_something_comes()
    {
        var settings = Settings with { RotateDaily = true };
        await WriteAsync(settings, "{\"n\":1}");
        File.SetLastWriteTimeUtc(settings.Path, new DateTime(2026, 1, 1, 23, 59, 59, DateTimeKind.Utc));

        await WriteAsync(settings, "{\"n\":2}");
        File.SetLastWriteTimeUtc(settings.Path, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        await WriteAsync(settings, "{\"n\":3}");

        Assert.That(Files(), Is.EqualTo(["r-20260102T030405Z-000.ndjson", "r.ndjson"]));
        Assert.That(await File.ReadAllTextAsync(settings.Path), Is.EqualTo("{\"n\":2}\n{\"n\":3}\n"));
    }

    [Test]
    public async Task Only_the_newest_are_kept_and_nobody_elses_files_are_touched()
    {
        _folder.Write("r-mine.ndjson", "mine");
        for (var i = 0; i < 5; i++)
        {
            await WriteAsync(Settings with { RotateMegabytes = 1, KeepFiles = 2 }, $"{{\"n\":{i}}}", Half);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.That(Files(), Is.EqualTo(["r-20260102T030705Z-000.ndjson", "r-20260102T030805Z-000.ndjson", "r-mine.ndjson", "r.ndjson"]));
    }

    [Test]
    public async Task What_is_put_aside_may_be_compressed_even_after_a_crash()
    {
        // The crash: one was put aside, and half compressed.
        _folder.Write("r-20260101T000000Z-000.ndjson", "{\"n\":0}\n");
        _folder.Write("r-20260101T000000Z-000.ndjson.gz.tmp", "half");
        var settings = Settings with { RotateMegabytes = 1, Compress = true };
        await WriteAsync(settings, "{\"n\":1}", Half);
        await WriteAsync(settings, "{\"n\":2}", Half);

        Assert.That(Files(), Is.EqualTo(["r-20260101T000000Z-000.ndjson.gz", "r-20260102T030405Z-000.ndjson.gz", "r.ndjson"]));
        Assert.That(Files().Select(FirstLine), Is.EqualTo(["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"]));
    }

    private FileSinkSettings Settings => new() { Path = _folder.PathOf("r.ndjson") };

    private async Task WriteAsync(FileSinkSettings settings, params string[] bodies)
    {
        await using var sink = new FileSink("file", settings, _time);
        await sink.WriteAsync(SomeMessages.Of(bodies), CancellationToken.None);
    }

    private string[] Files() => [.. Directory.GetFiles(_folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private string FirstLine(string name)
    {
        using var file = File.OpenRead(_folder.PathOf(name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        return reader.ReadLine()!;
    }
}
