using System.Net.Mail;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Serving;

/// <summary>
/// Who publishes, and where: the settings <c>Pipeline:PublicAddress</c> (such as <c>https://data.example.org</c>), <c>Pipeline:Publisher</c> (a name),
/// <c>Pipeline:Contact</c> (an e-mail address) and <c>Pipeline:License</c> (an absolute URI).
/// </summary>
internal sealed record HarvestSite
{
    private readonly string? address;

    public HarvestSite(IConfiguration configuration)
    {
        address = Checked(configuration, "PublicAddress", "the absolute address of a host such as https://data.example.org", IsHost)?.TrimEnd('/');
        Publisher = Checked(configuration, "Publisher", "a name", _ => true) ?? Checked(configuration, "AgencyName", "a name", _ => true) ?? "Pipeline";
        Contact = Checked(configuration, "Contact", "an e-mail address", text => MailAddress.TryCreate(text, out var mail) && mail.Address == text);
        License = Checked(configuration, "License", "the absolute URI of a licence such as https://creativecommons.org/licenses/by/4.0/", IsWeb);
    }

    /// <summary>The publisher's name.</summary>
    public string Publisher { get; }

    /// <summary>The publisher's e-mail address; null where none is set.</summary>
    public string? Contact { get; }

    /// <summary>The URI of the licence of everything that is published; null where none is set.</summary>
    public string? License { get; }

    /// <summary>The same text for the same settings: a part of the identity of every answer that shows them.</summary>
    public string Identity => string.Join('\n', Publisher, Contact, License);

    /// <summary>The address that all others begin with, without a slash at its end: the one that is set, else the one that was asked.</summary>
    public string AddressOf(HttpRequest request)
    {
        if (address is not null)
            return address;
        var asked = $"{request.Scheme}://{request.Host.ToUriComponent()}";
        return IsHost(asked)
            ? new Uri(asked).GetLeftPart(UriPartial.Authority)
            : throw ProblemException.Malformed("Host", request.Host.Value ?? "", "the name of this host, and its port", "request-unreadable");
    }

    private static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "http" || uri.Scheme == "https") && Uri.IsWellFormedUriString(text, UriKind.Absolute);

    private static bool IsHost(string text) => IsWeb(text) && new Uri(text) is { PathAndQuery: "/", Fragment: "" };

    private static string? Checked(IConfiguration configuration, string name, string expected, Func<string, bool> isRight) =>
        configuration["Pipeline:" + name] is not { Length: > 0 } text ? null
        : isRight(text) ? text
        : throw new ArgumentException($"Pipeline:{name} is '{text}'; {expected} expected.");
}
