using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks;

internal sealed class FileSinkTests
{
    private TempFolder _folder = null!;
    private string _path = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
        _path = _folder.PathOf("deep/down/readings.ndjson");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Lines_stand_in_the_file_in_order_byte_for_byte()
    {
        await WriteAsync(SomeMessages.Of("{\"a\":1}", "{\"a\":2}", "{\"a\":\"ü\"}"));
        await WriteAsync(SomeMessages.Of("{\"a\":4}"));

        Assert.That(await File.ReadAllBytesAsync(_path), Is.EqualTo(Encoding.UTF8.GetBytes("{\"a\":1}\n{\"a\":2}\n{\"a\":\"ü\"}\n{\"a\":4}\n")));
    }

    [Test]
    public async Task What_was_there_stays()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, "{\"old\":1}\n");

        await WriteAsync(SomeMessages.Of("{\"a\":1}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"old\":1}\n{\"a\":1}\n"));
    }

    [TestCase("{\"old\":1}\n{\"to", "{\"old\":1}\n{\"n\":0}\n{\"torn\":2}\n", Description = "It is one of ours, and comes again whole.")]
    [TestCase("{\"torn\":2}", "{\"n\":0}\n{\"torn\":2}\n", Description = "Only its end is missing.")]
    [TestCase("{\"old\":1}\n{\"mine\":1}", "{\"old\":1}\n{\"mine\":1}\n{\"n\":0}\n{\"torn\":2}\n", Description = "Somebody else's is not ours to cut.")]
    [TestCase("{\"torn\":2}     ", "{\"torn\":2}     \n{\"n\":0}\n{\"torn\":2}\n", Description = "Longer than any of ours.")]
    public async Task A_torn_last_line_is_not_glued_to_the_next(string before, string after)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, before);

        await WriteAsync(SomeMessages.Of("{\"n\":0}", "{\"torn\":2}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo(after));
    }

    [Test]
    public async Task A_torn_line_is_found_among_those_of_one_message()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, "{\"n\":0}\n{\"to");

        await WriteAsync(SomeMessages.Of("{\"n\":0}\n{\"torn\":2}\n{\"n\":3}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"n\":0}\n{\"n\":0}\n{\"torn\":2}\n{\"n\":3}\n"));
    }

    [Test]
    public async Task Of_a_filtered_file_each_line_is_looked_at_and_of_others_none_is_missing()
    {
        await using var all = new SinkInUse();
        await using var some = new SinkInUse();
        var settings = all.Settings(new FileSinkSettings { Path = _path, GatherMilliseconds = 0 });
        await all.DeliverAsync(settings, ofEachDevice: 1000);
        await some.DeliverAsync(settings with { Path = _path + ".some", Filter = new SinkFilterSettings { Indexes = ["HUMIDITY", "TEMPERATURE"] } }, ofEachDevice: 1000);
        await all.IsDoneAsync();
        await some.IsDoneAsync();

        string[] expected =
        [
            .. from frame in Enumerable.Range(0, 200)
               from device in Enumerable.Range(0, SinkInUse.Devices)
               from number in Enumerable.Range(frame * 5, 5)
               select $"{{\"device_id\":\"d{device}\",\"index\":\"TEMPERATURE\",\"values\":[21.5],\"n\":{number}}}",
        ];
        Assert.That(await File.ReadAllLinesAsync(_path), Is.EqualTo(expected));
        Assert.That(await File.ReadAllLinesAsync(_path + ".some"), Is.EqualTo(expected));
        Assert.That((all.Status.Delivered, some.Status.Delivered), Is.EqualTo((7000, 7000)));
    }

    [Test]
    public async Task Readings_that_are_given_up_become_a_dead_letter_each()
    {
        Directory.CreateDirectory(_path);
        await using var sink = new SinkInUse();
        var settings = sink.Settings(new FileSinkSettings { Path = _path, GatherMilliseconds = 0 });
        await sink.DeliverAsync(settings with { Retry = settings.Retry with { MaxAttempts = 1 } }, ofEachDevice: 5);
        await sink.IsDoneAsync();

        var letters = await File.ReadAllLinesAsync(Path.Combine(settings.DeadLetters.Path, "a.ndjson"));
        var read = letters.Select(letter => DeadLetterLine.Read(Encoding.UTF8.GetBytes(letter))!).ToArray();
        Assert.That(read.Select(message => (message.Id.Sequence, message.Id.Place, message.Readings)), Is.EqualTo(
            from sequence in Enumerable.Range(1, SinkInUse.Devices) from place in Enumerable.Range(0, 5) select ((long)sequence, place, 1)));
        Assert.That((sink.Status.Refused, sink.Status.DeadLetters), Is.EqualTo((35, 35)));
    }

    [Test]
    public async Task A_file_that_was_moved_away_is_begun_anew()
    {
        await using var sink = new FileSink("file", new FileSinkSettings { Path = _path }, TimeProvider.System);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":1}"));
        File.Move(_path, _path + ".1");

        await WriteAsync(sink, SomeMessages.Of("{\"a\":2}"));

        Assert.That(await File.ReadAllTextAsync(_path + ".1"), Is.EqualTo("{\"a\":1}\n"));
        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"a\":2}\n"));
    }

    [TestCase("")]
    [TestCase("{\"a\":0}\n")]
    public async Task A_file_that_was_put_in_its_place_is_written_to(string content)
    {
        await using var sink = new FileSink("file", new FileSinkSettings { Path = _path }, TimeProvider.System);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":1}"));
        File.Move(_path, _path + ".1");
        await File.WriteAllTextAsync(_path, content);

        await WriteAsync(sink, SomeMessages.Of("{\"a\":2}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo(content + "{\"a\":2}\n"));
    }

    [Test]
    public async Task A_file_that_was_deleted_or_cut_off_is_begun_anew()
    {
        await using var sink = new FileSink("file", new FileSinkSettings { Path = _path }, TimeProvider.System);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":1}"));
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":2}"));
        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"a\":2}\n"));

        await File.WriteAllBytesAsync(_path, []);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":3}"));
        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"a\":3}\n"));
    }

    [Test]
    public void A_place_that_can_not_be_written_to_is_an_error()
    {
        Directory.CreateDirectory(_path);

        Assert.That(() => WriteAsync(SomeMessages.Of("{}")), Throws.InstanceOf<UnauthorizedAccessException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task Many_records_go_in_one_batch()
    {
        // More pieces than one system call takes.
        var records = Enumerable.Range(0, 3000).Select(number => $"{{\"n\":{number}}}").ToArray();
        await WriteAsync(SomeMessages.Of(records));

        Assert.That(await File.ReadAllLinesAsync(_path), Is.EqualTo(Enumerable.Range(0, 3000).Select(number => $"{{\"n\":{number}}}")));
    }

    private async Task WriteAsync(params SinkMessage[] messages)
    {
        await using var sink = new FileSink("file", new FileSinkSettings { Path = _path }, TimeProvider.System);
        await WriteAsync(sink, messages);
    }

    private static Task<Delivery> WriteAsync(FileSink sink, params SinkMessage[] messages) => sink.WriteAsync(messages, CancellationToken.None);
}
