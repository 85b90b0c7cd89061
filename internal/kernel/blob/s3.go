package blob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
)

// OpenS3 keeps files in a bucket of a service that speaks S3:
//
//	s3://KEY:SECRET@host[:port]/bucket[/prefix][?insecure=1][&region=NAME]
//
// KEY and SECRET are percent-encoded where they hold "/", "@" or the like;
// insecure=1 means http instead of https. The bucket must exist: one that is
// missing is more likely a typing error than a wish. An upload goes to a
// temporary file first, sealed, because its name follows from its content;
// TMPDIR says where.
func OpenS3(ctx context.Context, spec string, s *seal.Sealer) (Store, error) {
	t, err := parseS3(spec)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(t.secure)
	if err != nil {
		return nil, err
	}
	transport.ResponseHeaderTimeout = time.Minute
	client, err := minio.New(t.host, &minio.Options{
		Creds:  credentials.NewStaticV4(t.key, t.secret, ""),
		Secure: t.secure, Region: t.region, Transport: transport,
		MaxRetries:   4, // a caller waits; the library's ten take minutes
		BucketLookup: minio.BucketLookupAuto,
	})
	if err != nil {
		return nil, badSpec("its host cannot be used")
	}
	ok, err := client.BucketExists(ctx, t.bucket)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "The S3 service at %s does not let this server in. Check host, key, secret and region in TOCSIN_BLOBS.", t.host)
	}
	if !ok {
		return nil, errs.New(errs.Unavailable, "There is no bucket %q at %s. Make it, or correct TOCSIN_BLOBS.", t.bucket, t.host)
	}
	return newStore(&bucket{client, t.bucket, t.prefix}, s)
}

type s3Target struct {
	host, bucket, prefix, key, secret, region string
	secure                                    bool
}

// badSpec never quotes the address, which holds a secret.
func badSpec(why string) error {
	return errs.New(errs.Invalid, "TOCSIN_BLOBS is not usable: %s. It looks like s3://KEY:SECRET@host:port/bucket?region=NAME.", why)
}

func parseS3(spec string) (s3Target, error) {
	u, err := url.Parse(spec)
	if err != nil {
		return s3Target{}, badSpec("it is not an address (percent-encode / and @ in key and secret)")
	}
	secret, hasSecret := u.User.Password()
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	query, err := url.ParseQuery(u.RawQuery)
	switch {
	case u.Scheme != "s3":
		return s3Target{}, badSpec("it does not start with s3://")
	case u.Host == "":
		return s3Target{}, badSpec("it has no host")
	case name == "":
		return s3Target{}, badSpec("it has no bucket")
	case u.User.Username() == "" || !hasSecret:
		return s3Target{}, badSpec("it lacks key or secret")
	case err != nil || u.Fragment != "":
		return s3Target{}, badSpec("what follows the bucket cannot be read")
	}
	for option := range query {
		if option != "insecure" && option != "region" {
			return s3Target{}, badSpec("it has an option other than insecure and region")
		}
	}
	insecure := query.Get("insecure")
	if insecure != "" && insecure != "1" && insecure != "0" {
		return s3Target{}, badSpec("insecure is 0 or 1")
	}
	return s3Target{host: u.Host, bucket: name, prefix: prefix, key: u.User.Username(), secret: secret,
		region: query.Get("region"), secure: insecure != "1"}, nil
}

type bucket struct {
	client       *minio.Client
	name, prefix string
}

func (b *bucket) object(name string) string { return path.Join(b.prefix, name) }

type s3Spool struct {
	*os.File
	b *bucket
}

func (b *bucket) spool() (spool, error) {
	f, err := os.CreateTemp("", "tocsin-upload-")
	if err != nil {
		return nil, err
	}
	// Without a name it goes away with the process, however that ends. Where
	// an open file keeps its name, drop removes it.
	os.Remove(f.Name())
	return &s3Spool{f, b}, nil
}

func (s *s3Spool) commit(ctx context.Context, name string) error {
	size, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	// One request, so that the object appears whole or not at all and no
	// parts of a failed upload are left to be paid for.
	_, err = s.b.client.PutObject(ctx, s.b.name, s.b.object(name), io.NewSectionReader(s.File, 0, size), size,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	return err
}

func (s *s3Spool) drop() {
	s.Close()
	os.Remove(s.Name())
}

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	// One plain GET: the library's Object asks again for each part of the
	// work, and fails when the same content is put anew in between.
	o, _, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.name, b.object(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, noSuchObject(err)
	}
	return o, nil
}

func (b *bucket) delete(ctx context.Context, name string) error {
	return noSuchObject(b.client.RemoveObject(ctx, b.name, b.object(name), minio.RemoveObjectOptions{}))
}

func (b *bucket) stat(ctx context.Context, name string) (int64, time.Time, error) {
	info, err := b.client.StatObject(ctx, b.name, b.object(name), minio.StatObjectOptions{})
	if err != nil {
		return 0, time.Time{}, noSuchObject(err)
	}
	return info.Size, info.LastModified, nil
}

func (b *bucket) walk(ctx context.Context, f func(string, int64, time.Time) error) error {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix}) {
		if o.Err != nil {
			return o.Err
		}
		if err := f(strings.TrimPrefix(o.Key, prefix), o.Size, o.LastModified); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func noSuchObject(err error) error {
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok && (answer.Code == minio.NoSuchKey || answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket) {
		return errs.Missing("file")
	}
	return err
}
