using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>What was compiled once is not compiled again, and whatever happens to the files, the right script runs.</summary>
internal sealed class ImageCacheTests
{
    private static readonly ScriptSource Source = new(Scripts.Name, CatalogFixture.Giving(7));

    private TempFolder _folder = null!;
    private RecordedLog _log = null!;

    private string Folder => _folder.PathOf("data/cache");

    [SetUp]
    public void SetUp() => (_folder, _log) = (new TempFolder(), new RecordedLog());

    [TearDown]
    public void TearDown()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void The_second_time_the_compiler_has_nothing_to_do()
    {
        Assert.That(Build(Source).FromCache, Is.False);

        var again = Build(Source);

        Assert.That((again.FromCache, again.Script!.Version, again.Script.Name), Is.EqualTo(((bool?)true, Source.Version, Source.Name)));
        Assert.That(again.Script.Parse().Value[0].Values[0].AsInt64(), Is.EqualTo(7));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void Lines_and_limits_are_those_of_a_fresh_script()
    {
        var source = new ScriptSource(Scripts.Name, $"Reading[] parse(byte[] payload, DeviceConfig config)\n{{\n    if (payload.Length > 0) throw new Exception(\"no\");\n    while (true) {{ }}\n}}\n{Scripts.NoCommands}");
        var outcomes = new[] { Build(source), Build(source) }.Select(build => (build.Script!.Parse(1).Failure, build.Script!.Parse().Failure)).ToArray();

        Assert.That(outcomes[1], Is.EqualTo(outcomes[0]));
        Assert.That(outcomes[1].Item1!.Message, Is.EqualTo("Exception: no (scripts/x.csx:3)"));
        Assert.That(outcomes[1].Item2!.Kind, Is.EqualTo(ScriptFailureKind.LimitExceeded));
    }

    [Test]
    public void Vectors_that_an_image_has_passed_are_not_run_again_and_others_are()
    {
        // A trusted script may look at files, and so tells whether it was asked.
        var asked = _folder.PathOf("asked");
        var source = new ScriptSource(
            Scripts.Name, $"Reading[] parse(byte[] payload, DeviceConfig config) {{ System.IO.File.AppendAllText(@\"{asked}\", \"x\"); return []; }}\n{Scripts.NoCommands}")
        {
            Trusted = true,
            Vectors = """[{ "name": "nothing", "payload": "00", "expect": [] }]""",
        };

        ScriptBuild[] builds = [Build(source), Build(source), Build(source with { Vectors = source.Vectors + " " }), Build(source with { Vectors = null })];

        Assert.That(builds.Select(build => build.Succeeded), Has.All.True);
        Assert.That(File.ReadAllText(asked), Is.EqualTo("xx"), "at first, and when the vectors had changed");
        Assert.That(Build(source with { Vectors = """[{ "name": "one", "payload": "00", "expect": [{}] }]""" }).Succeeded, Is.False);
    }

    [Test]
    public void Another_name_text_loaded_file_or_variant_is_another_image()
    {
        ScriptSource[] sources =
        [
            Source,
            Source with { Name = "scripts/y.csx" },
            Source with { Text = Source.Text + " " },
            Source with { Loaded = Source.Loaded.Add("lib/a.csx", LoadedFile.Of("")) },
            Source with { Loaded = Source.Loaded.Add("lib/a.csx", LoadedFile.Of(" ")) },
            Source with { Trusted = true },
        ];

        Assert.That(sources.Select(source => Cache().KeyOf(source)), Is.Unique);
        Assert.That(Cache().KeyOf(Source with { Vectors = "[]" }), Is.EqualTo(Cache().KeyOf(Source)));
    }

    [TestCase(0)]
    [TestCase(30)]
    [TestCase(2000)]
    public void A_file_that_is_cut_off_is_compiled_anew(int length) => Damaged(file => file.AsSpan(0, length).ToArray());

    [Test]
    public void A_file_with_a_flipped_bit_is_compiled_anew([Values(3, 10, 60, 1500)] int position) => Damaged(file =>
    {
        file[position] ^= 4;
        return file;
    });

    [Test]
    public void A_file_that_grew_is_compiled_anew() => Damaged(file => [.. file, 0]);

    [Test]
    public void The_image_of_another_key_is_compiled_anew() => Damaged(file => ImageFile.Write("other", ImageFile.Read(Cache().KeyOf(Source)!, file)!));

    [Test]
    public void A_folder_that_can_not_be_used_is_told_once()
    {
        _folder.Write("data", "a file");
        var cache = Cache();

        for (var i = 0; i < 3; i++)
        {
            Assert.That(Build(Source, cache).Succeeded);
        }

        Assert.That(_log.Lines, Has.Length.EqualTo(1));
        Assert.That(_log.Lines[0], Does.StartWith($"Warning: compiled scripts can't be kept in {Folder} ("));
    }

    [Test]
    public void Looks_into_the_cache_are_counted()
    {
        using var meters = new Meters();
        var builder = new ScriptBuilder(new UnloadedContexts(), new ScriptSettings(), Cache(), new ScriptMetrics(meters, new UnloadedContexts()));

        builder.Build(Source);
        builder.Build(Source);
        builder.Build(Source);

        Assert.That((meters["gateway.script.cache.lookups/hit"], meters["gateway.script.cache.lookups/miss"]), Is.EqualTo((2.0, 1.0)));
    }

    [Test]
    public void The_oldest_go_when_all_together_are_too_large()
    {
        Directory.CreateDirectory(Folder);
        foreach (var (name, minute) in new[] { ("old", 1), ("new", 2) })
        {
            var file = _folder.Write($"data/cache/{name}.image", "");
            using (var stream = File.OpenWrite(file))
            {
                // A hole takes no room on most file systems.
                stream.SetLength(ImageCache.MostBytes * 2 / 3);
            }

            File.SetLastWriteTimeUtc(file, new DateTime(2025, 3, 1, 0, minute, 0, DateTimeKind.Utc));
        }

        Build(Source);

        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Does.Contain("new.image").And.Not.Contain("old.image").And.Exactly(2).Items);
    }

    [Test]
    public void What_does_not_compile_is_not_kept()
    {
        Assert.That(Build(new ScriptSource(Scripts.Name, "int a = ;")).Succeeded, Is.False);
        Assert.That(Directory.Exists(Folder), Is.False);
    }

    [Test]
    public void The_newest_are_kept_and_what_a_killed_process_left_goes()
    {
        var start = new DateTime(2025, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        Directory.CreateDirectory(Folder);
        for (var i = 0; i < ImageCache.MostFiles + 10; i++)
        {
            File.SetLastWriteTimeUtc(_folder.Write($"data/cache/{i}.image", "old"), start.AddMinutes(i));
        }

        File.SetLastWriteTimeUtc(_folder.Write("data/cache/left.tmp", ""), start);
        File.SetLastWriteTimeUtc(_folder.Write("data/cache/not-ours.txt", ""), start);

        Build(Source);

        var left = Directory.GetFiles(Folder).Select(Path.GetFileName).ToArray();
        Assert.That(left, Has.Length.EqualTo(ImageCache.MostFiles + 1));
        Assert.That(left, Does.Contain("11.image").And.Contain("not-ours.txt").And.Not.Contain("10.image").And.Not.Contain("left.tmp"));
        Assert.That(Build(Source).FromCache, Is.True);
    }

    [TestCase(null)]
    [TestCase(" ")]
    public void Without_a_folder_nothing_is_kept(string? path)
    {
        var cache = ImageCache.Of(new ScriptSettings { CachePath = path }, _log);

        Assert.That((Build(Source, cache).FromCache, Build(Source, cache).FromCache), Is.EqualTo(((bool?)null, (bool?)null)));
    }

    private void Damaged(Func<byte[], byte[]> damage)
    {
        Build(Source);
        var file = Directory.GetFiles(Folder).Single();
        File.WriteAllBytes(file, damage(File.ReadAllBytes(file)));

        Assert.That((Build(Source).FromCache, Build(Source).FromCache), Is.EqualTo(((bool?)false, (bool?)true)));
        Assert.That(_log.Lines, Is.EqualTo([$"Warning: the compiled script {file} is damaged or of another version; it is compiled anew"]));
    }

    private ScriptBuild Build(ScriptSource source, ImageCache? cache = null) =>
        new ScriptBuilder(new UnloadedContexts(), new ScriptSettings(), cache ?? Cache()).Build(source);

    private ImageCache Cache() => new(Folder, _log);
}
