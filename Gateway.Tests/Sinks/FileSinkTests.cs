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

    [Test]
    public async Task A_torn_last_line_is_ended_so_that_the_next_is_not_glued_to_it()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, "{\"old\":1}\n{\"to");

        await WriteAsync(SomeMessages.Of("{\"torn\":2}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo("{\"old\":1}\n{\"to\n{\"torn\":2}\n"));
    }

    [Test]
    public async Task A_file_that_was_moved_away_is_begun_anew()
    {
        await using var sink = new FileSink("file", _path);
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
        await using var sink = new FileSink("file", _path);
        await WriteAsync(sink, SomeMessages.Of("{\"a\":1}"));
        File.Move(_path, _path + ".1");
        await File.WriteAllTextAsync(_path, content);

        await WriteAsync(sink, SomeMessages.Of("{\"a\":2}"));

        Assert.That(await File.ReadAllTextAsync(_path), Is.EqualTo(content + "{\"a\":2}\n"));
    }

    [Test]
    public async Task A_file_that_was_deleted_or_cut_off_is_begun_anew()
    {
        await using var sink = new FileSink("file", _path);
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
        await using var sink = new FileSink("file", _path);
        await WriteAsync(sink, messages);
    }

    private static Task<Delivery> WriteAsync(FileSink sink, params SinkMessage[] messages) => sink.WriteAsync(messages, CancellationToken.None);
}
