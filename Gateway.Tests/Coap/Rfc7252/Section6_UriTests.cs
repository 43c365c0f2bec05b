using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §6.4 and §6.5: what a URI means, in options.</summary>
internal sealed class Section6_UriTests
{
    [TestCase("coap://example.net/", "3=example.net", 5683)]
    [TestCase("coap://example.net", "3=example.net", 5683)]
    [TestCase("COAP://example.net:1234", "3=example.net", 1234)]
    [TestCase("coap://127.0.0.1/m", "11=m", 5683)]
    [TestCase("coap://[::1]:61616/m", "11=m", 61616)]
    [TestCase("coap://[::1]/m", "11=m", 5683)]
    [TestCase("coap://[fe80::1%25eth0]/m", "11=m", 5683)]
    [TestCase("coap://127.0.0.1/.well-known/core", "11=.well-known 11=core", 5683)]
    [TestCase("coap://127.0.0.1//a//", "11= 11=a 11= 11=", 5683)]
    [TestCase("coap://127.0.0.1/%E3%81%93%2f%26?%2F%2F&?%26", "11=こ/& 15=// 15=?&", 5683)]
    [TestCase("coap://127.0.0.1?a=1&b", "15=a=1 15=b", 5683)]
    [TestCase("coap://127.0.0.1/ü", "11=ü", 5683)]
    [TestCase("coap://127.0.0.1/%c3%bc", "11=ü", 5683)]
    [TestCase("coap://127.0.0.1/a+b", "11=a+b", 5683)]
    [TestCase("coap://127.0.0.1/a;b=1,2", "11=a;b=1,2", 5683)]
    [TestCase("coap://127.0.0.1/?a=/&b=?", "15=a=/ 15=b=?", 5683)]
    [TestCase("coap://127.0.0.1/?", "", 5683)]
    [TestCase("coap://127.0.0.1/?&", "15= 15=", 5683)]
    [TestCase("coap://127.0.0.1:5683/m", "11=m", 5683)]
    [TestCase("coaps://example.net/m", "3=example.net 11=m", 5684)]
    [TestCase("COAPS://[::1]:5683/m", "11=m", 5683)]
    public void A_URI_is_taken_apart_into_options(string text, string options, int port)
    {
        Assert.That(CoapUri.TryParse(text, out var uri, out var error), Is.True, error);
        Assert.That((uri!.Port, uri.IsSecure), Is.EqualTo((port, text.StartsWith("coaps", StringComparison.OrdinalIgnoreCase))));
        Assert.That(
            string.Join(' ', uri.ToOptions().Select(option => $"{option.Number}={Encoding.UTF8.GetString(option.Value.Span)}")), Is.EqualTo(options));
    }

    [TestCase("", "coap://")]
    [TestCase("http://example.net/", "coap://")]
    [TestCase("coap:///m", "host")]
    [TestCase("coap://:5683/m", "host")]
    [TestCase("coap://host:0/", "port")]
    [TestCase("coap://host:65536/", "port")]
    [TestCase("coap://host:x/", "port")]
    [TestCase("coap://[::1/m", "host")]
    [TestCase("coap://[::1]x/m", "port")]
    [TestCase("coap://[name]/m", "host")]
    [TestCase("coap://host/m#part", "fragment")]
    [TestCase("coap://host/%4", "percent")]
    [TestCase("coap://host/%zz", "percent")]
    [TestCase("coap://host/%ff", "percent")]
    [TestCase("coap://host/?%", "percent")]
    [TestCase("coap://host:-1/", "port")]
    [TestCase("coap+tcp://host/", "coaps://")]
    public void What_is_no_URI_is_refused_with_the_reason(string text, string reason)
    {
        Assert.That(CoapUri.TryParse(text, out _, out var error), Is.False);
        Assert.That(error, Does.Contain(reason));
    }

    [Test]
    public void A_segment_that_fits_no_option_is_refused()
    {
        Assert.That(CoapUri.TryParse("coap://host/" + new string('x', 255), out _, out _), Is.True);
        Assert.That(CoapUri.TryParse("coap://host/" + new string('x', 256), out _, out var error), Is.False);
        Assert.That(error, Does.Contain("255"));
    }

    // RFC 7252 §6.5, the other way: what the options of a request say is what its URI said.
    [TestCase("coap://127.0.0.1/.well-known/core?rt=a&rt=b", "/.well-known/core", "rt=a&rt=b")]
    [TestCase("coap://127.0.0.1/a%20b/%C3%BC?x=%26", "/a b/ü", "x=&")]
    public void A_server_sees_what_the_URI_said(string text, string path, string query)
    {
        Assert.That(CoapUri.TryParse(text, out var uri, out _), Is.True);
        var request = new ClientRequest(CoapCode.Get, uri!).ToMessage();

        Assert.That(CoapCodec.TryDecode(CoapCodec.Encode(request), out var read, out _), Is.True);
        Assert.That("/" + string.Join('/', Texts(read!, OptionNumber.UriPath)), Is.EqualTo(path));
        Assert.That(string.Join('&', Texts(read!, OptionNumber.UriQuery)), Is.EqualTo(query));
    }

    private static IEnumerable<string> Texts(CoapMessage message, int number) =>
        from option in message.Options
        where option.Number == number
        select Encoding.UTF8.GetString(option.Value.Span);
}
